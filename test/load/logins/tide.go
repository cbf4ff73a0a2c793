package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/loveapp/backend/test/world"
)

// tide is what became of a flood.
type tide struct {
	sent   int
	times  map[int][]time.Duration // by status, sorted; 0: no answer
	hasty  int                     // 503 that do not say when to come back
	reason error                   // of the last that got no answer
	lasted time.Duration
}

func (w tide) oddities() string {
	var text strings.Builder
	for status, times := range w.times {
		if status != http.StatusOK && status != http.StatusServiceUnavailable {
			fmt.Fprintf(&text, " (%d: %d)", status, len(times))
		}
	}
	if w.reason != nil {
		fmt.Fprintf(&text, " (%v)", w.reason)
	}
	return text.String()
}

// few are the first phones.
func (p *phones) few(count int) *phones {
	return &phones{client: p.client, each: p.each[:count], who: p.who[:count]}
}

// flood signs in that often a second until ctx ends, whatever becomes of it.
func (p *phones) flood(ctx context.Context, url string, rate float64) tide {
	w := tide{times: map[int][]time.Duration{}}
	client := &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: 1024}}
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	var all sync.WaitGroup
	began := time.Now()
	every(ctx, rate, func(n int, due time.Time) {
		w.sent++
		all.Go(func() {
			status, hasty, err := p.signInAnew(client, url, n)
			took := time.Since(due)
			mu.Lock()
			defer mu.Unlock()
			w.times[status] = append(w.times[status], took)
			if hasty {
				w.hasty++
			}
			if err != nil {
				w.reason = err
			}
		})
	})
	w.lasted = time.Since(began)
	all.Wait()
	for _, times := range w.times {
		sorted(times)
	}
	return w
}

// every calls begin at its times, catching up with those that it was late for, until ctx ends.
func every(ctx context.Context, rate float64, begin func(n int, due time.Time)) {
	start := time.Now()
	for n := 0; ; n++ {
		due := start.Add(time.Duration(float64(n) / rate * float64(time.Second)))
		if wait := time.Until(due); wait > 0 {
			select {
			case <-ctx.Done():
				return
			case <-time.After(wait):
			}
		}
		if ctx.Err() != nil {
			return
		}
		begin(n, due)
	}
}

// signInAnew is somebody's right password from an address and a device never seen before.
func (p *phones) signInAnew(client *http.Client, url string, n int) (status int, hasty bool, _ error) {
	who := p.who[n%len(p.who)]
	body, err := json.Marshal(map[string]string{"email": who.Email, "password": who.Password})
	if err != nil {
		return 0, false, err
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, url+"/v1/auth/login", bytes.NewReader(body)) // the client's time-out ends it
	if err != nil {
		return 0, false, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Forwarded-For", fmt.Sprintf("198.%d.%d.%d", 18+n>>16&1, n>>8&0xff, n&0xff))
	res, err := client.Do(req)
	if err != nil {
		return 0, false, err
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	return res.StatusCode, res.StatusCode == http.StatusServiceUnavailable && res.Header.Get("Retry-After") == "", nil
}

// steady has one phone after the other refresh at its time.
func (p *phones) steady(t world.T, rate float64, lasting time.Duration) done {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), lasting)
	defer cancel()
	d := done{others: map[int]int{}}
	owner := make([]sync.Mutex, len(p.each)) // a phone shows its newest token only
	var mu sync.Mutex
	var all sync.WaitGroup
	began := time.Now()
	every(ctx, rate, func(n int, due time.Time) {
		all.Go(func() {
			owner[n%len(p.each)].Lock()
			defer owner[n%len(p.each)].Unlock()
			status, err := p.refresh(t.Context(), n%len(p.each))
			took := time.Since(due)
			mu.Lock()
			defer mu.Unlock()
			if err != nil || status != http.StatusOK {
				d.others[status]++
				return
			}
			d.times = append(d.times, took)
		})
	})
	d.lasted = time.Since(began)
	all.Wait()
	d.times = sorted(d.times)
	return d
}

func (d done) failed() (count int) {
	for _, n := range d.others {
		count += n
	}
	return count
}
