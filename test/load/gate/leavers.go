package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/loveapp/backend/test/program"
	"github.com/loveapp/backend/test/world"
)

const (
	leaveAfter = 20 * time.Millisecond
	leaving    = 40 // at once: fewer than a service's room begins with
	afterwards = 200
	// circuitHeader is on answers while the breaker of their service is not closed.
	circuitHeader = "X-Circuit-Breaker"
)

// serveNobody is a service whose tickets keep everybody waiting until they leave; all else is answered.
func serveNobody(ctx context.Context, _ []string, out io.Writer) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+ordinaryURL, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, "{}")
	})
	return program.Serve(ctx, mux, out)
}

// leavers are many clients that leave before they are answered: none of that is
// the service's fault, so its breaker stays closed.
func leavers(t world.T, o options) string {
	t.Helper()
	service := self(t, "nobody")
	g := self(t, "gateway", service.addr)
	const other = "/v1/sos/tickets/0198c0de/trail"
	await(t, g, other)
	client := newClient()
	var left, odd atomic.Int64
	var group errgroup.Group
	group.SetLimit(leaving)
	began := time.Now()
	for range o.tunnels {
		group.Go(func() error {
			if leave(t.Context(), client, "http://"+g.addr+ordinaryURL) {
				left.Add(1)
			} else {
				odd.Add(1)
			}
			return nil
		})
	}
	_ = group.Wait() // none fails
	took := time.Since(began)
	good, open := 0, 0
	for range afterwards {
		status, circuit := look(t.Context(), client, "http://"+g.addr+other)
		if status == http.StatusOK {
			good++
		}
		if circuit != "" {
			open++
		}
	}
	b := heading("Clients that leave", fmt.Sprintf("leavers -n %d", o.tunnels))
	fmt.Fprintf(b, "%d clients, %d at once, ask a service that does not answer and leave after %s, in %s. After them %d requests\n"+
		"are sent to the same service.\n\n| left | answered all the same | afterwards answered 200 | with a breaker not closed |\n|---|---|---|---|\n| %d | %d | %d of %d | %d |\n\n",
		o.tunnels, leaving, leaveAfter, took.Round(100*time.Millisecond), afterwards, left.Load(), odd.Load(), good, afterwards, open)
	fmt.Fprintf(b, "The goal that none of them opens a breaker is %s.\n", goal(odd.Load() == 0 && good == afterwards && open == 0))
	return b.String()
}

// leave tells whether the client left without an answer.
func leave(ctx context.Context, client *http.Client, url string) bool {
	ctx, cancel := context.WithTimeout(ctx, leaveAfter)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return false
	}
	res, err := client.Do(req)
	if err == nil {
		_ = res.Body.Close()
	}
	return errors.Is(err, context.DeadlineExceeded)
}

// look gives the status of an answer, and what it says of the breaker.
func look(ctx context.Context, client *http.Client, url string) (status int, circuit string) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return 0, ""
	}
	res, err := client.Do(req)
	if err != nil {
		return 0, ""
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	return res.StatusCode, res.Header.Get(circuitHeader)
}
