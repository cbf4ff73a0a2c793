package token

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

const (
	defaultInterval = 500 * time.Millisecond // leaves room in the second within which a revocation has to count
	defaultRetain   = 15 * time.Minute
	healthyFor      = 2 * time.Second
	nudgePause      = 20 * time.Millisecond // between pulls, so that a burst of nudges becomes few pulls
	maxFeedBytes    = 64 << 20              // a whole set: some 300,000 revocations
	maxPages        = 1000                  // of one catching-up
	feedPath        = "/internal/revocations?since="
)

var errEndless = errors.New("the list of revocations has no end")

// FeedConfig says where revocations come from; URLs and Token are required.
type FeedConfig struct {
	URLs     []string               // base URLs of auth's copies
	Token    func() (string, error) // gives a service token for auth
	Client   *http.Client           // nil = one without proxy and redirects
	Interval time.Duration          // between pulls; 0 = 500 ms
	Retain   time.Duration          // max(15 min, lifetime of an access token); 0 = 15 min
	Ledger   Ledger                 // keeps what is known over restarts; nil = nowhere
	// Redis is asked, where auth does not answer, whether at least it does; nil = never.
	Redis  func(ctx context.Context) error
	Logger *slog.Logger     // nil = slog.Default()
	Now    func() time.Time // nil = time.Now
}

// RevocationFeed follows auth's list of revocations into memory, so that a
// revoked session ends here within Interval, and at once when Nudge is called.
// While auth cannot be reached it keeps what it knows.
type RevocationFeed struct {
	cfg   FeedConfig
	peers *peers
	nudge chan struct{}
	known revoked

	revision int64        // of the last pull; Run's own
	lost     bool         // whether the last pull failed; Run's own
	opened   bool         // whether the ledger has been read; Run's own
	pulled   atomic.Int64 // when auth last answered, in ms since 1970; 0 = never
}

// feedAnswer is a page of the list, in the order of revisions. Revision is what
// the reader has reached with it; Complete: there is nothing beyond it yet.
type feedAnswer struct {
	Revision int64            `json:"revision"`
	Items    []revocationItem `json:"items"`
	Complete bool             `json:"complete"`
}

// NewRevocationFeed makes a feed that knows nothing until Run is called.
func NewRevocationFeed(cfg FeedConfig) (*RevocationFeed, error) {
	if cfg.Token == nil {
		return nil, errors.New("revocation feed: needs a source of service tokens")
	}
	p, err := newPeers(cfg.URLs, cfg.Client)
	if err != nil {
		return nil, fmt.Errorf("revocation feed: %w", err)
	}
	if cfg.Interval <= 0 {
		cfg.Interval = defaultInterval
	}
	if cfg.Retain <= 0 {
		cfg.Retain = defaultRetain
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &RevocationFeed{cfg: cfg, peers: p, nudge: make(chan struct{}, 1)}, nil
}

// Revoked is the Revocations side; it only looks into memory.
func (f *RevocationFeed) Revoked(claims Claims) bool { return f.known.covers(claims, f.cfg.Now()) }

// Nudge makes Run pull at once. It never blocks: a nudge during a pull leads to
// one more, and further ones add nothing.
func (f *RevocationFeed) Nudge() {
	select {
	case f.nudge <- struct{}{}:
	default:
	}
}

// Healthy tells whether auth has answered in the last two seconds (two
// intervals where those are longer): what is revoked now may be unknown else.
func (f *RevocationFeed) Healthy() bool {
	pulled := f.pulled.Load()
	return pulled > 0 && f.cfg.Now().Sub(time.UnixMilli(pulled)) <= max(healthyFor, 2*f.cfg.Interval)
}

// redisTime is how long Redis may take to say that it is there.
const redisTime = 300 * time.Millisecond

// Informed tells whether auth has answered lately, or Redis does now. Where
// neither is there, whoever holds much power may have lost it unnoticed.
func (f *RevocationFeed) Informed(ctx context.Context) bool {
	if f.Healthy() {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, redisTime)
	defer cancel()
	return f.cfg.Redis != nil && f.cfg.Redis(ctx) == nil
}

// Run pulls until ctx ends, then gives nil. It is called once.
func (f *RevocationFeed) Run(ctx context.Context) error {
	defer f.peers.client.CloseIdleConnections()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		case <-f.nudge:
		}
		timer.Reset(f.turn(ctx))
		if !pause(ctx, nudgePause) {
			return nil
		}
	}
}

func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// turn pulls once and says when to do it again: sooner after a failure, so that
// one lost answer does not already make the feed unhealthy.
func (f *RevocationFeed) turn(ctx context.Context) time.Duration {
	err := f.catchUp(ctx)
	switch {
	case err != nil && ctx.Err() != nil:
	case err != nil && !f.lost:
		f.cfg.Logger.Warn("revocation feed lost, keeping what is known", "error", err)
	case err == nil && f.lost:
		f.cfg.Logger.Info("revocation feed recovered", "revision", f.revision)
	}
	f.lost = err != nil
	if f.lost {
		return f.cfg.Interval / 4
	}
	return f.cfg.Interval
}

// catchUp pulls page after page and applies them in one step, so that nobody
// ever sees half a list. What is known is replaced only by a list asked for from
// its beginning: a page of news never takes a revocation back.
func (f *RevocationFeed) catchUp(ctx context.Context) error {
	if err := f.open(ctx); err != nil {
		return err
	}
	var items []revocationItem
	since, whole := f.revision, f.revision == 0
	for range maxPages {
		answer, err := f.pull(ctx, since)
		if err != nil {
			return err
		}
		if answer.Revision < since { // auth's database is an older one than before: start over
			items, since, whole = nil, 0, true
			continue
		}
		items = append(items, answer.Items...)
		if answer.Complete || answer.Revision == since {
			return f.reach(ctx, answer.Revision, items, whole)
		}
		since = answer.Revision
	}
	return errEndless
}

// reach makes what was pulled count. A ledger knows more than a whole list
// does, so with one nothing is ever replaced.
func (f *RevocationFeed) reach(ctx context.Context, revision int64, items []revocationItem, whole bool) error {
	now := f.cfg.Now()
	f.known.apply(items, whole && f.cfg.Ledger == nil, now, f.cfg.Retain)
	f.pulled.Store(now.UnixMilli())
	if err := f.keep(ctx, revision, items); err != nil {
		return err
	}
	f.revision = revision
	return nil
}

func (f *RevocationFeed) pull(ctx context.Context, since int64) (feedAnswer, error) {
	bearer, err := f.cfg.Token()
	if err != nil {
		return feedAnswer{}, fmt.Errorf("service token: %w", err)
	}
	body, err := f.peers.get(ctx, feedPath+strconv.FormatInt(since, 10), bearer, maxFeedBytes)
	if err != nil {
		return feedAnswer{}, err
	}
	var answer feedAnswer
	if err := json.Unmarshal(body, &answer); err != nil {
		return feedAnswer{}, fmt.Errorf("read revocations: %w", err)
	}
	if answer.Revision < 0 {
		return feedAnswer{}, fmt.Errorf("read revocations: revision %d", answer.Revision)
	}
	return answer, nil
}
