package main

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/loveapp/backend/test/program"
)

const (
	// workers share what the service can do; each holds a request for as long as that takes.
	workers = 8
	// slowness of the instance that is told to be slow.
	slowness = 500 * time.Millisecond
)

// serveWork is a service that can do so many requests a second and lets the
// others queue, in the order in which they came: alarms too. Its arguments are
// that rate and its name, which its answers carry.
func serveWork(ctx context.Context, args []string, out io.Writer) error {
	rate, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	name := args[1]
	var isSlow atomic.Bool
	places := make(chan struct{}, workers)
	mux := http.NewServeMux()
	mux.HandleFunc("/health/ready", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/slow", func(http.ResponseWriter, *http.Request) { isSlow.Store(true) })
	mux.HandleFunc("/fast", func(http.ResponseWriter, *http.Request) { isSlow.Store(false) })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case places <- struct{}{}:
		case <-r.Context().Done():
			return
		}
		time.Sleep(workers * time.Second / time.Duration(rate))
		<-places
		if isSlow.Load() {
			time.Sleep(slowness)
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set(instanceHeader, name)
		_, _ = io.WriteString(w, "{}")
	})
	return program.Serve(ctx, mux, out)
}

// instanceHeader says who answered.
const instanceHeader = "X-Instance"
