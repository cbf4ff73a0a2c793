package stack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Where notification listens in a stack's block of ports, and how far from there
// sos looks for it when the stack is linked.
const (
	firstNotification = 20
	notifications     = 3
	peerOffset        = 140
)

// relay is the way from sos to one instance of notification. It passes every
// request on, and can be made to do so as a bad network with retries would:
// three times, each at its own time, so that they come in any order.
type relay struct {
	target string // http://host:port
	client *http.Client
	server *http.Server
	thrice *atomic.Bool
	late   sync.WaitGroup // copies that nobody waits for any more
}

const (
	copies = 3
	// promptly and lately are within which the first and the other copies leave;
	// the sender waits for longer than the first.
	promptly = 50 * time.Millisecond
	lately   = 2 * time.Second
)

func openRelay(listen, target string, thrice *atomic.Bool) (*relay, error) {
	l, err := net.Listen("tcp", listen) //nolint:noctx // it listens until it is closed
	if err != nil {
		return nil, fmt.Errorf("open a link to notification: %w", err)
	}
	r := &relay{target: "http://" + target, client: &http.Client{Transport: &http.Transport{}}, thrice: thrice}
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: time.Minute}
	r.late.Go(func() { _ = r.server.Serve(l) })
	return r, nil
}

// close ends it once every copy has been delivered.
func (r *relay) close() {
	_ = r.server.Close()
	r.late.Wait()
	r.client.CloseIdleConnections()
}

// ServeHTTP answers with what the first copy was answered.
func (r *relay) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return // the sender is gone
	}
	if r.thrice.Load() {
		ctx := context.WithoutCancel(req.Context())
		for range copies - 1 {
			r.late.Go(func() {
				pass(ctx, lately)
				if res, err := r.send(ctx, req, body); err == nil {
					_ = res.Body.Close()
				}
			})
		}
		pass(ctx, promptly)
	}
	res, err := r.send(req.Context(), req, body)
	if err != nil {
		panic(http.ErrAbortHandler) // as it would be without us: no answer
	}
	defer func() { _ = res.Body.Close() }()
	maps.Copy(w.Header(), res.Header)
	w.WriteHeader(res.StatusCode)
	_, _ = io.Copy(w, res.Body) // the sender is gone
}

// pass lets a random time pass, up to the given one.
func pass(ctx context.Context, most time.Duration) {
	select {
	case <-time.After(rand.N(most)): //nolint:gosec // no secret
	case <-ctx.Done():
	}
}

func (r *relay) send(ctx context.Context, req *http.Request, body []byte) (*http.Response, error) {
	again, err := http.NewRequestWithContext(ctx, req.Method, r.target+req.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	again.Header = req.Header.Clone()
	return r.client.Do(again)
}

// relays are those to every instance.
type relays struct {
	all    []*relay
	thrice atomic.Bool
}

func openRelays(portBase int) (*relays, error) {
	rs := &relays{}
	var errs []error
	for i := range notifications {
		addr := func(offset int) string { return fmt.Sprintf("%s:%d", loopback, portBase+firstNotification+i+offset) }
		r, err := openRelay(addr(peerOffset), addr(0), &rs.thrice)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		rs.all = append(rs.all, r)
	}
	if err := errors.Join(errs...); err != nil {
		rs.close()
		return nil, err
	}
	return rs, nil
}

func (rs *relays) close() {
	for _, r := range rs.all {
		r.close()
	}
}

// Thrice makes every message of sos arrive at notification three times and in
// any order, or no longer.
func (s *Stack) Thrice(on bool) error {
	if s.relays == nil {
		return errors.New("the stack has no links")
	}
	s.relays.thrice.Store(on)
	return nil
}
