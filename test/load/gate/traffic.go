package main

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// sent is one request and what came of it.
type sent struct {
	at       time.Duration // since the beginning
	took     time.Duration
	status   int // 0: no answer
	instance string
}

// flow is requests that are sent at a rate whatever comes back.
type flow struct {
	method, url, body string
	rate              int // a second
}

// patience is how long clients wait (CONTRACT.md).
const patience = 5 * time.Second

func newClient() *http.Client {
	return &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConns: 4096, MaxIdleConnsPerHost: 4096, DisableCompression: true}}
}

// send lets the flow run for so long and gives all that came of it, in the order of sending.
func (f flow) send(ctx context.Context, client *http.Client, lasting time.Duration) []sent {
	total := int(lasting.Seconds() * float64(f.rate))
	all := make([]sent, total)
	var group sync.WaitGroup
	began := time.Now()
	for i := range total {
		due := time.Duration(i) * time.Second / time.Duration(f.rate)
		if wait := due - time.Since(began); wait > 0 {
			time.Sleep(wait)
		}
		if ctx.Err() != nil {
			break
		}
		group.Go(func() {
			all[i] = f.one(ctx, client)
			all[i].at = due
		})
	}
	group.Wait()
	return all
}

func (f flow) one(ctx context.Context, client *http.Client) (s sent) {
	began := time.Now()
	defer func() { s.took = time.Since(began) }()
	req, err := http.NewRequestWithContext(ctx, f.method, f.url, strings.NewReader(f.body))
	if err != nil {
		return s
	}
	if f.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := client.Do(req)
	if err != nil {
		return s
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	s.status, s.instance = res.StatusCode, res.Header.Get(instanceHeader)
	return s
}

// quantile of the times of those that the filter takes; 0 where there are none.
func quantile(all []sent, q float64, takes func(sent) bool) time.Duration {
	var times []time.Duration
	for _, s := range all {
		if takes(s) {
			times = append(times, s.took)
		}
	}
	if len(times) == 0 {
		return 0
	}
	slices.SortFunc(times, cmp.Compare[time.Duration])
	return times[min(len(times)-1, int(q*float64(len(times))))]
}

func count(all []sent, takes func(sent) bool) (n int) {
	for _, s := range all {
		if takes(s) {
			n++
		}
	}
	return n
}

func answered(s sent) bool { return s.status == http.StatusOK }

func anyOf(sent) bool { return true }
