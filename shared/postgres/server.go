package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/loveapp/backend/shared/config"
)

// server is the primary, wherever it is, or one replica.
type server struct {
	name      string // primary, replica-1 …
	connector *connector
	pool      *Pool // for the service's statements
	scout     *Pool // one connection that watches, and never waits behind them
	where     *horizon
}

// openServer shares size connections between the two.
func openServer(c Config, name, attrs string, hosts ...config.HostPort) (*server, error) {
	from, err := newConnector(c, attrs, c.runtimeOptions(), hosts)
	if err != nil {
		return nil, err
	}
	s := &server{name: name, connector: from, pool: newPool(c, from, max(1, c.MaxOpen-1)), scout: newPool(c, from, 1)}
	s.scout.db.SetConnMaxIdleTime(0)
	s.where = &horizon{ask: s.ask}
	return s, nil
}

const (
	watchEvery = 400 * time.Millisecond
	// askLimit: a server that has not answered for this long has frozen, or is as good as that.
	askLimit = 500 * time.Millisecond
)

// ask gives where the server is now.
func (s *server) ask() (sighting, error) {
	ctx, cancel := context.WithTimeout(context.Background(), askLimit)
	defer cancel()
	var seen sighting
	err := s.scout.GetContext(ctx, &seen, selectPosition)
	return seen, Classify(err)
}

// look is ask for many at once: what is answered was asked after look was called.
func (s *server) look(ctx context.Context) (sighting, error) {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	return s.where.now(ctx)
}

func (s *server) close() error {
	err := errors.Join(s.scout.db.Close(), s.pool.db.Close())
	s.where.asking.end()
	return err
}
