package proxy

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
)

const (
	checkEvery   = time.Second
	checkTimeout = 900 * time.Millisecond
	checkPath    = "/health/ready"

	maxCheckAnswer = 4 << 10
	// One lost answer may be the network's; an instance that says it is not ready is believed at once.
	checksToFail = 2
)

// check asks every instance each second whether it is ready, until ctx ends.
func (f *Fleet) check(ctx context.Context, client *http.Client) {
	ticker := time.NewTicker(checkEvery)
	defer ticker.Stop()
	compared := time.Now()
	for {
		f.checkAll(ctx, client)
		if now := time.Now(); now.Sub(compared) >= domain.PaceEvery {
			f.comparePaces(now)
			compared = now
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-f.changed:
		}
	}
}

func (f *Fleet) checkAll(ctx context.Context, client *http.Client) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	var group sync.WaitGroup
	for _, i := range f.all() {
		group.Go(func() { i.check(ctx, client) })
	}
	group.Wait()
}

func (i *Instance) check(ctx context.Context, client *http.Client) {
	began := time.Now()
	status, err := get(ctx, client, "http://"+i.addr+checkPath)
	i.latency.Store(int64(time.Since(began)))
	switch {
	case err == nil && status == http.StatusOK:
		i.failedChecks = 0
		i.gotReady(time.Now())
	case err == nil:
		i.failedChecks = checksToFail
		i.ready.Store(false)
	case errors.Is(ctx.Err(), context.Canceled): // the gateway is stopping
	default:
		if i.failedChecks++; i.failedChecks >= checksToFail {
			i.ready.Store(false)
		}
	}
}

func get(ctx context.Context, client *http.Client, url string) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	_, _ = io.CopyN(io.Discard, resp.Body, maxCheckAnswer) // so that the connection is kept
	return resp.StatusCode, resp.Body.Close()
}
