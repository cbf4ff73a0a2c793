// Package tinyapp is the app in one small HTTP and WebSocket server: what the
// driver needs to be tested without a stack, and with faults at will.
package tinyapp

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/token"
)

// Interceptor sees every request but sockets' first. true: it has answered.
type Interceptor func(w http.ResponseWriter, r *http.Request) bool

// App is the server.
type App struct {
	signer   *token.Signer
	verifier *token.Verifier
	server   *http.Server
	address  string

	before   atomic.Pointer[Interceptor]
	mu       sync.Mutex
	deaf     map[string]bool
	sockets  map[string]net.Conn
	seq      map[string]int64
	contacts map[string]string // invite token → inviting user, then user → contact
	acks     atomic.Int64
	resumes  atomic.Int64
	pongs    atomic.Int64
	serving  sync.WaitGroup
}

// Start listens on a free port until Close.
func Start(ctx context.Context, secret config.Secret) (*App, error) {
	signer, err := token.NewSigner(token.SignerConfig{Secret: secret})
	if err != nil {
		return nil, err
	}
	verifier, err := token.NewVerifier(token.VerifierConfig{Keys: signer})
	if err != nil {
		return nil, err
	}
	l, err := httpserver.Listen(ctx, "127.0.0.1", 0)
	if err != nil {
		return nil, err
	}
	a := &App{
		signer: signer, verifier: verifier, address: l.Addr().String(),
		sockets: map[string]net.Conn{}, seq: map[string]int64{}, contacts: map[string]string{}, deaf: map[string]bool{},
	}
	a.server = &http.Server{Handler: a.routes(), ReadHeaderTimeout: 5 * time.Second}
	a.serving.Go(func() { _ = a.server.Serve(l) })
	return a, nil
}

// Address is its host and port.
func (a *App) Address() string { return a.address }

// Close ends everything.
func (a *App) Close() {
	_ = a.server.Close()
	a.HangUp()
	a.serving.Wait()
}

// HangUp cuts every socket off.
func (a *App) HangUp() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, conn := range a.sockets {
		_ = conn.Close()
	}
}

// Intercept puts a fault before everything.
func (a *App) Intercept(before Interceptor) { a.before.Store(&before) }

// Deafen loses all notifications of these users from now on.
func (a *App) Deafen(users ...string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, user := range users {
		a.deaf[user] = true
	}
}

// Open is how many sockets there are.
func (a *App) Open() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.sockets)
}

// Acks is how many acknowledgements the sockets have sent.
func (a *App) Acks() int64 { return a.acks.Load() }

// Resumes is how many times they have asked for what they missed.
func (a *App) Resumes() int64 { return a.resumes.Load() }

// Pongs is how many pings they have answered.
func (a *App) Pongs() int64 { return a.pongs.Load() }
