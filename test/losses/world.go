package losses

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/servicetoken"
	"github.com/loveapp/backend/shared/token"
	"github.com/loveapp/backend/test/stack"
)

// world is one run on one stack.
type world struct {
	options   Options
	stack     *stack.Stack
	instances []string // of notification, as URLs
	started   time.Time
	signer    *token.Signer
	services  *servicetoken.Keys
	http      *http.Client
	admin     string // an administrator's token
	users     []string
	ledger    *ledger
	clients   []*client

	mu     sync.Mutex
	events []event
	resent int
}

// event is a fault that was injected.
type event struct {
	name, target  string
	began, healed time.Time
	promoted      time.Time // when a replica of Redis took over; zero: none did
}

// tokenLife is longer than any run.
const tokenLife = 12 * time.Hour

func newWorld(ctx context.Context, s *stack.Stack, o Options) (*world, error) {
	w := &world{
		options: o, stack: s, started: time.Now(), ledger: newLedger(o.Users),
		http: &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: senders}},
	}
	if err := w.trust(); err != nil {
		return nil, err
	}
	processes, err := s.Status(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range processes {
		if p.Role == "notification" {
			w.instances = append(w.instances, "http://"+p.Addr)
		}
	}
	if len(w.instances) == 0 || len(s.Gateways) == 0 {
		return nil, errors.New("the stack has no notification or no gateway")
	}
	for n := range o.Users {
		if err := w.addClient(n); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// trust signs with the stack's own secrets: a thousand sign-ups would measure argon2.
func (w *world) trust() error {
	secrets, err := w.stack.Secrets()
	if err != nil {
		return err
	}
	if w.signer, err = token.NewSigner(token.SignerConfig{Secret: config.Secret(secrets.JWT)}); err != nil {
		return err
	}
	if w.services, err = servicetoken.New(servicetoken.Config{Secret: config.Secret(secrets.Internal)}); err != nil {
		return err
	}
	w.admin, err = w.token(idgen.NewV7(), token.RoleAdmin)
	return err
}

func (w *world) token(user, role string) (string, error) {
	now := time.Now()
	return w.signer.Sign(token.Claims{
		Subject: user, SessionID: idgen.NewV7(), ID: idgen.NewV7(), Role: role, IssuedAt: now.Add(-time.Second), ExpiresAt: now.Add(tokenLife),
	})
}

func (w *world) addClient(n int) error {
	user := idgen.NewV7()
	bearer, err := w.token(user, token.RoleUser)
	if err != nil {
		return fmt.Errorf("sign a token: %w", err)
	}
	w.users = append(w.users, user)
	k := kinds[n%len(kinds)]
	if w.options.Steady {
		k = steady
	}
	w.clients = append(w.clients, newClient(w, n, k, bearer))
	return nil
}

func (w *world) note(e event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, e)
}

// heal ends the last event.
func (w *world) heal(target string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	last := &w.events[len(w.events)-1]
	last.target, last.healed = target, time.Now()
}

func (w *world) close() {
	w.http.CloseIdleConnections()
	for _, c := range w.clients {
		c.http.CloseIdleConnections()
	}
}

// dialerOf gives every client a source address of its own: limits are by address.
func dialerOf(n int) *net.Dialer {
	const first = 110
	return &net.Dialer{
		Timeout:   patience,
		LocalAddr: &net.TCPAddr{IP: net.IPv4(127, byte(first+n>>16), byte(n>>8), byte(n))}, //nolint:gosec // that is the point
	}
}
