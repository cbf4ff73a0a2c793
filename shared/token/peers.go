package token

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// patience is how long one question to auth may take, however many copies are tried.
const patience = 2 * time.Second

// peers are the base URLs of auth's copies; any of them can answer. Its
// owner asks one question at a time.
type peers struct {
	urls   []string
	client *http.Client
	next   int // the copy to ask: random at first, then the last that answered
}

func newPeers(urls []string, client *http.Client) (*peers, error) {
	if len(urls) == 0 {
		return nil, errors.New("no base URL of auth is given")
	}
	p := &peers{client: client, next: rand.IntN(len(urls))} //nolint:gosec // spreads load, guards nothing
	for _, raw := range urls {
		u, err := url.Parse(raw)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, fmt.Errorf("%q is no base URL of auth: write http://host:port", raw)
		}
		p.urls = append(p.urls, strings.TrimSuffix(raw, "/"))
	}
	if p.client == nil {
		p.client = newClient(&http.Transport{MaxIdleConnsPerHost: 1, IdleConnTimeout: 30 * time.Second})
	}
	return p, nil
}

// newClient goes straight to the peer: no proxy, and no redirect, which could
// lead a service token anywhere.
func newClient(transport *http.Transport) *http.Client {
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// get asks the copies in turn, at most three, until one answers 200 with at
// most limit bytes.
func (p *peers) get(ctx context.Context, path, bearer string, limit int64) ([]byte, error) {
	tries := min(len(p.urls), 3)
	var failures []error
	for range tries {
		body, err := p.ask(ctx, p.urls[p.next]+path, bearer, limit, patience/time.Duration(tries))
		if err == nil {
			return body, nil
		}
		failures = append(failures, err)
		p.next = (p.next + 1) % len(p.urls)
		if ctx.Err() != nil {
			break
		}
	}
	return nil, errors.Join(failures...)
}

func (p *peers) ask(ctx context.Context, url, bearer string, limit int64, patience time.Duration) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, err
	}
	if bearer != "" {
		req.Header.Set("Authorization", SchemeBearer+" "+bearer)
	}
	res, err := p.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET %s: status %d", url, res.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, limit+1))
	if err == nil && int64(len(body)) > limit {
		err = fmt.Errorf("GET %s: more than %d bytes", url, limit)
	}
	return body, err
}
