package wsapi_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/loveapp/backend/notification/internal/adapters/memory"
	"github.com/loveapp/backend/notification/internal/adapters/wsapi"
	"github.com/loveapp/backend/notification/internal/app"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/notification/internal/ports/portstest"
	"github.com/loveapp/backend/notification/internal/wstest"
	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/token"
)

// TestSocket holds real sockets to the suite that the application relies on.
func TestSocket(t *testing.T) {
	t.Parallel()
	portstest.Socket(t, func(t *testing.T) portstest.Client {
		server, url, signed := bare(t)
		h := wstest.Bearer(signed)
		h.Narrow = true
		client := wstest.Open(t, url, h)
		client.Expect("connected")
		return (&reading{client: client}).harness(t, server.Sockets()[0])
	})
}

// TestStream holds streams to the same suite.
func TestStream(t *testing.T) {
	t.Parallel()
	portstest.Socket(t, func(t *testing.T) portstest.Client {
		r, server := readStream(t)
		return r.harness(t, server.Sockets()[0])
	})
}

// readStream opens a stream for reading in the background.
func readStream(t *testing.T) (*reading, *wsapi.Server) {
	t.Helper()
	server, url, signed := bare(t)
	events, _ := wstest.Listen(t, url, "", bearer(signed), true)
	events.Expect("connected")
	return &reading{client: streamed{events}}, server
}

// streamed reads a stream as if it were a socket.
type streamed struct{ *wstest.Events }

func (s streamed) Next(within time.Duration) (wstest.Message, error) {
	event, err := s.Events.Next(within)
	var m struct {
		Seq  int64
		Code int
	}
	if err == nil {
		err = json.Unmarshal([]byte(event.Data), &m)
	}
	if err == nil && event.Name == "close" {
		err = wstest.ClosedError{Code: m.Code}
	}
	return wstest.Message{Type: event.Name, ID: event.ID, Seq: m.Seq}, err
}

// bare is a socket server without the service around it, and a token for it.
func bare(t *testing.T) (server *wsapi.Server, url, signed string) {
	t.Helper()
	signer, err := token.NewSigner(token.SignerConfig{Secret: secret})
	if err != nil {
		t.Fatal(err)
	}
	signed, err = signer.Sign(token.Claims{
		Subject: newID(), SessionID: newID(), ID: newID(), Role: token.RoleUser, IssuedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := token.NewVerifier(token.VerifierConfig{Keys: signer})
	if err != nil {
		t.Fatal(err)
	}
	logger := slog.New(slog.DiscardHandler)
	a, err := app.New(app.Config{
		Instance: "test", Store: memory.NewStore(time.Now), Registry: memory.NewRegistry(time.Now), Bus: memory.NewBus(),
		Alerts: memory.NewAlerts(), Tickets: memory.NewTickets(time.Now), Owner: memory.NewOwner(), Preferences: memory.NewPreferences(), Templates: memory.NewTemplates(time.Now), Devices: memory.NewDevices(time.Now), Revoked: func(domain.Principal) bool { return false },
		Now: time.Now, NewID: newID, NameID: idgen.V5, NewTicket: newID, Logger: logger,
	})
	if err != nil {
		t.Fatal(err)
	}
	server, err = wsapi.New(wsapi.Config{
		App: a, Verifier: verifier, Now: time.Now, Logger: logger, Metrics: prometheus.NewRegistry(),
		Limits: wsapi.Limits{Queue: 64 << 20, QueueAll: 256 << 20},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = a.Run(ctx) })
	running.Go(func() { server.Run(ctx) })
	mux := http.NewServeMux()
	for _, route := range server.Routes() {
		mux.Handle(route.Method+" "+route.Pattern, route.Handler)
	}
	web := httptest.NewServer(mux)
	t.Cleanup(func() {
		web.Close()
		server.Drain(ctx)
		stop()
		running.Wait()
	})
	return server, web.URL, signed
}

// reading is a client that reads in the background unless it is stalled.
type reading struct {
	client interface {
		Next(within time.Duration) (wstest.Message, error)
		Cut()
	}

	mu     sync.Mutex
	seqs   []domain.Seq
	ids    []string // of a stream
	closed domain.CloseReason
}

func (r *reading) harness(t *testing.T, socket ports.Socket) portstest.Client {
	t.Helper()
	var gate sync.Mutex // held while stalled
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	t.Cleanup(func() { stop(); r.client.Cut(); <-ended })
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			gate.Lock()
			m, err := r.client.Next(time.Millisecond)
			gate.Unlock()
			r.note(m, err)
		}
	}()
	return portstest.Client{
		Socket: socket, Stall: gate.Lock, Flow: gate.Unlock,
		Seqs: func() []domain.Seq {
			r.mu.Lock()
			defer r.mu.Unlock()
			return slices.Clone(r.seqs)
		},
		Closed: func() domain.CloseReason {
			r.mu.Lock()
			defer r.mu.Unlock()
			return r.closed
		},
		Fill: func() { // far beyond what the kernel holds; Resumed is no notification and is not counted
			long := domain.Changed{Change: domain.Change{Kind: domain.Read, IDs: []domain.NotificationID{domain.NotificationID(strings.Repeat("x", 60_000))}}}
			for range 150 {
				socket.Send(&ports.Outgoing{Message: long})
			}
		},
	}
}

func (r *reading) note(m wstest.Message, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if closed, ok := err.(wstest.ClosedError); ok && r.closed == 0 { //nolint:errorlint // it is returned bare
		r.closed = map[int]domain.CloseReason{4409: domain.Replaced, 4401: domain.SessionEnded}[closed.Code]
	}
	if err == nil && m.Type == "notification" {
		r.seqs = append(r.seqs, domain.Seq(m.Seq))
		r.ids = append(r.ids, m.ID)
	}
}

// cursors are the ids that notifications came with.
func (r *reading) cursors() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.ids)
}
