package pgcluster

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/loveapp/backend/shared/postgres"
)

const (
	askEvery = 250 * time.Millisecond
	// promptly: an answer counts for now when it was asked for no longer ago.
	promptly = time.Second
	// handshakeLimit is long: on an overloaded machine it is the new server
	// process that takes its time, and one more attempt would be one more process.
	handshakeLimit = 30 * time.Second
)

// line is a connection to a node that stays open, over which the node is asked
// how it is without end. For a new one the server would have to start a process,
// and that is what an overloaded machine has no time for.
type line struct {
	db *sql.DB

	mu    sync.Mutex
	last  answer
	asked time.Time // when the question was sent that last answers
}

// answer is what a node says of itself.
type answer struct {
	From      int           // port of the primary that it streams from, 0 where it does not
	Silence   time.Duration // since it last heard from that primary
	Streaming []string      // the nodes that stream from it
	Standbys  standbys      // those of them that confirm commits
}

func (c *Cluster) newLine(n *node) (*line, error) {
	server := n.addr
	if c.reach != nil {
		server = c.reach(server)
	}
	settings := c.adminConfig(server, "postgres")
	settings.ConnectTimeout = handshakeLimit
	db, err := postgres.OpenLogin(settings)
	if err != nil {
		return nil, fmt.Errorf("plan the line to %s: %w", n.unit.Name(), err)
	}
	return &line{db: db}, nil
}

// keep asks until ctx ends. A question without an answer is waited for: the
// answer may still come, and where the server ends, so does the connection.
func (l *line) keep(ctx context.Context) {
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for {
		asked := time.Now()
		if a, err := l.question(ctx); err == nil {
			l.note(asked, a)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			_ = l.db.Close() // what hangs on it is left behind with it
			return
		}
	}
}

const selectAnswer = `SELECT sender_port, silence, streaming, current_setting('synchronous_standby_names')
	FROM (SELECT COALESCE(max(sender_port), 0) AS sender_port,
			COALESCE(max(EXTRACT(epoch FROM clock_timestamp() - last_msg_receipt_time)), 0)::float8 AS silence
		FROM pg_stat_wal_receiver WHERE status = 'streaming') AS replica,
		(SELECT COALESCE(string_agg(application_name, ','), '') AS streaming
		FROM pg_stat_replication WHERE state = 'streaming') AS primary_server`

func (l *line) question(ctx context.Context) (answer, error) {
	var a answer
	var silence float64
	var streaming, setting string
	if err := l.db.QueryRowContext(ctx, selectAnswer).Scan(&a.From, &silence, &streaming, &setting); err != nil {
		return answer{}, err
	}
	a.Silence = time.Duration(silence * float64(time.Second))
	a.Streaming, a.Standbys = strings.Split(streaming, ","), standbysOf(setting)
	return a, nil
}

func (l *line) note(asked time.Time, a answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked, l.last = asked, a
}

// now is the last answer, and whether it is one to a question of now.
func (l *line) now() (a answer, prompt bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last, time.Since(l.asked) < promptly
}

// use works on the open connection, until ctx ends: it is left behind then, and
// nobody may look at what it fills in.
func (l *line) use(ctx context.Context, work func(*sql.DB) error) error {
	used := make(chan error, 1)
	go func() { used <- work(l.db) }()
	select {
	case err := <-used:
		return err
	case <-ctx.Done():
		return fmt.Errorf("no answer: %w", ctx.Err())
	}
}
