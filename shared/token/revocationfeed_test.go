package token_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/token"
)

type revocation struct {
	Revision  int64      `json:"revision"`
	SessionID string     `json:"sessionId"`
	UserID    string     `json:"userId"`
	Before    *time.Time `json:"before"`
	At        time.Time  `json:"at"`
}

// ledger is auth as far as its revocations go: it answers pages without a network.
type ledger struct {
	mu       sync.Mutex
	items    []revocation
	pageSize int
	delay    time.Duration // of every answer
	down     bool
	asked    []string // since, of each request
	bearer   string   // of the last
}

func (l *ledger) revoke(items ...revocation) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, item := range items {
		item.Revision = int64(len(l.items) + 1)
		l.items = append(l.items, item)
	}
}

// restore makes the ledger an older one, as after a failover that lost writes.
func (l *ledger) restore(items ...revocation) {
	l.mu.Lock()
	l.items = nil
	l.mu.Unlock()
	l.revoke(items...)
}

func (l *ledger) setDown(down bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = down
}

func (l *ledger) requests() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.asked)
}

func (l *ledger) page(r *http.Request) ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = append(l.asked, r.URL.Query().Get("since"))
	l.bearer = r.Header.Get("Authorization")
	since, err := strconv.ParseInt(r.URL.Query().Get("since"), 10, 64)
	if l.down || err != nil || r.URL.Path != "/internal/revocations" {
		return nil, errors.New("auth is down")
	}
	newest := int64(len(l.items))
	items := l.items[min(since, newest):]
	complete := l.pageSize == 0 || len(items) <= l.pageSize
	if !complete {
		items = items[:l.pageSize]
		newest = items[len(items)-1].Revision
	}
	return json.Marshal(map[string]any{"revision": newest, "items": items, "complete": complete})
}

// RoundTrip makes the ledger the feed's network, so that it runs in a synctest bubble.
func (l *ledger) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(l.delay)
	body, err := l.page(r)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(string(body))), Request: r}, nil
}

// ServeHTTP makes it a server.
func (l *ledger) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := l.page(r)
	if err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	_, _ = w.Write(body)
}

func serviceToken() (string, error) { return "a-service-token", nil }

func feed(tb testing.TB, cfg token.FeedConfig) *token.RevocationFeed {
	tb.Helper()
	cfg.Token = serviceToken
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	f, err := token.NewRevocationFeed(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

// running starts the feed over the ledger within a bubble; it has pulled once when this returns.
func running(t *testing.T, l *ledger, cfg token.FeedConfig) *token.RevocationFeed {
	t.Helper()
	cfg.URLs, cfg.Client = []string{"http://auth"}, &http.Client{Transport: l}
	f := feed(t, cfg)
	run(t, f)
	synctest.Wait()
	return f
}

// run runs the feed until the test ends, and waits for it.
func run(t *testing.T, f *token.RevocationFeed) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- f.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

func of(session, user string, issued time.Time) token.Claims {
	return token.Claims{SessionID: session, Subject: user, IssuedAt: issued}
}

func TestWhatWasRevokedBeforeIsKnownFromTheStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{pageSize: 10}
		for i := range 95 {
			l.revoke(revocation{SessionID: fmt.Sprint("s", i)})
		}
		f := running(t, l, token.FeedConfig{})
		for i := range 95 {
			if !f.Revoked(of(fmt.Sprint("s", i), "u", time.Now())) {
				t.Fatalf("session %d of 95 is alive", i)
			}
		}
		if f.Revoked(of("another", "u", time.Now())) {
			t.Fatal("a session that nobody revoked is not alive")
		}
		if l.bearer != "Bearer a-service-token" {
			t.Fatalf("asked with %q", l.bearer)
		}
	})
}

func TestARevocationCountsWithinASecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		f := running(t, l, token.FeedConfig{})
		for i := range 20 {
			session := fmt.Sprint("s", i)
			time.Sleep(time.Duration(i) * 77 * time.Millisecond) // anywhere in the interval
			l.revoke(revocation{SessionID: session})
			time.Sleep(time.Second + time.Millisecond)
			synctest.Wait()
			if !f.Revoked(of(session, "u", time.Now())) {
				t.Fatalf("session %d lives for more than a second", i)
			}
		}
		if asked := l.requests(); asked[0] != "0" || asked[len(asked)-1] != "20" {
			t.Fatalf("asked since %v, want only what is new", asked)
		}
	})
}

func TestANudgePullsAtOnceAndABurstOfThemFewTimes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		f := running(t, l, token.FeedConfig{})
		time.Sleep(100 * time.Millisecond)
		l.revoke(revocation{SessionID: "s"})
		f.Nudge()
		synctest.Wait()
		if !f.Revoked(of("s", "u", time.Now())) {
			t.Fatal("not known right after the nudge")
		}
		before := len(l.requests())
		for range 1000 {
			f.Nudge()
			time.Sleep(100 * time.Microsecond)
		}
		synctest.Wait()
		if pulls := len(l.requests()) - before; pulls > 6 {
			t.Fatalf("%d pulls for 1,000 nudges in 100 ms", pulls)
		}
	})
}

func TestANudgeDuringAPullIsNotLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		var f *token.RevocationFeed
		late := sync.OnceFunc(func() { // revoked just after this answer was read from the database
			l.revoke(revocation{SessionID: "late"})
			f.Nudge()
		})
		f = feed(t, token.FeedConfig{URLs: []string{"http://auth"}, Client: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			res, err := l.RoundTrip(r)
			late()
			return res, err
		})}})
		run(t, f)
		time.Sleep(50 * time.Millisecond)
		synctest.Wait()
		if !f.Revoked(of("late", "u", time.Now())) {
			t.Fatal("not known")
		}
	})
}

func TestAUsersCutOffIsToTheMillisecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		cut := time.Now().Add(time.Hour).Truncate(time.Millisecond)
		l.revoke(revocation{UserID: "w", Before: new(cut.Add(500 * time.Microsecond))}) // finer than a token's iat can be
		l.revoke(revocation{UserID: "u", Before: new(cut)}, revocation{UserID: "u", Before: new(cut.Add(-time.Minute))})
		f := running(t, l, token.FeedConfig{})
		cases := map[string]struct {
			claims token.Claims
			want   bool
		}{
			"a millisecond before":      {of("s", "u", cut.Add(-time.Millisecond)), true},
			"in the same millisecond":   {of("s", "u", cut.Add(999*time.Microsecond)), false},
			"a cut-off between them":    {of("s", "w", cut), false},
			"after":                     {of("s", "u", cut.Add(time.Millisecond)), false},
			"another user":              {of("s", "v", cut.Add(-time.Hour)), false},
			"a session named like them": {of("u", "v", cut.Add(-time.Hour)), false},
		}
		for name, c := range cases {
			if got := f.Revoked(c.claims); got != c.want {
				t.Errorf("%s: %v", name, got)
			}
		}
	})
}

func TestTheUserOfARevokedSessionKeepsTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		l.revoke(revocation{SessionID: "s", UserID: "u", At: time.Now().Add(time.Hour)})
		f := running(t, l, token.FeedConfig{})
		if !f.Revoked(of("s", "u", time.Now())) || f.Revoked(of("t", "u", time.Now())) {
			t.Fatal("wrong session")
		}
	})
}

func TestARevocationIsForgottenWhenNoTokenCanMeetIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		f := running(t, l, token.FeedConfig{Retain: 20 * time.Minute})
		l.revoke(revocation{SessionID: "s"}, revocation{UserID: "u", Before: new(time.Now())})
		time.Sleep(20 * time.Minute)
		old := time.Now().Add(-time.Hour)
		if !f.Revoked(of("s", "v", old)) || !f.Revoked(of("t", "u", old)) {
			t.Fatal("forgotten too soon")
		}
		time.Sleep(2 * time.Second)
		if f.Revoked(of("s", "v", old)) || f.Revoked(of("t", "u", old)) {
			t.Fatal("still there")
		}
	})
}

func TestWithoutAuthTheMapIsKeptAndTheFeedIsUnhealthy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		l.revoke(revocation{SessionID: "s"})
		f := running(t, l, token.FeedConfig{})
		time.Sleep(10 * time.Second)
		if !f.Healthy() {
			t.Fatal("unhealthy while auth answers")
		}
		l.setDown(true)
		time.Sleep(900 * time.Millisecond)
		if !f.Healthy() {
			t.Fatal("one lost answer makes it unhealthy")
		}
		time.Sleep(1200 * time.Millisecond)
		if f.Healthy() {
			t.Fatal("healthy after two seconds without an answer")
		}
		time.Sleep(5 * time.Minute)
		if !f.Revoked(of("s", "u", time.Now())) {
			t.Fatal("a revoked session is alive again")
		}
		l.revoke(revocation{SessionID: "meanwhile"})
		l.setDown(false)
		time.Sleep(time.Second)
		synctest.Wait()
		if !f.Healthy() || !f.Revoked(of("meanwhile", "u", time.Now())) {
			t.Fatal("not caught up a second after auth is back")
		}
	})
}

func TestOneLostPullDoesNotMakeTheFeedUnhealthy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{delay: 30 * time.Millisecond}
		f := running(t, l, token.FeedConfig{})
		time.Sleep(500 * time.Millisecond)
		l.setDown(true)
		time.Sleep(700 * time.Millisecond) // over the pull at one second
		l.setDown(false)
		for range 300 {
			if !f.Healthy() {
				t.Fatal("unhealthy")
			}
			time.Sleep(10 * time.Millisecond)
		}
	})
}

func TestWithoutAuthRedisIsWitnessEnough(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		var asked, gone atomic.Bool
		f := running(t, l, token.FeedConfig{Redis: func(ctx context.Context) error {
			asked.Store(true)
			if !gone.Load() {
				return nil
			}
			<-ctx.Done() // it hangs
			return ctx.Err()
		}})
		if !f.Informed(t.Context()) || asked.Load() {
			t.Errorf("while auth answers: Redis was asked: %v", asked.Load())
		}
		l.setDown(true)
		time.Sleep(3 * time.Second)
		if !f.Informed(t.Context()) {
			t.Error("Redis answers, and is not believed")
		}
		gone.Store(true)
		if f.Informed(t.Context()) {
			t.Error("informed by nobody")
		}
		l.setDown(false)
		time.Sleep(time.Second)
		if !f.Informed(t.Context()) {
			t.Error("auth is back")
		}
	})
}

func TestAFeedThatHasNeverPulledIsNotHealthy(t *testing.T) {
	t.Parallel()
	f := feed(t, token.FeedConfig{URLs: []string{"http://auth"}})
	if f.Healthy() || f.Revoked(claims()) {
		t.Fatal("it cannot know")
	}
}

func TestAnOlderDatabaseIsReadFromTheBeginning(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		l.revoke(revocation{SessionID: "a"}, revocation{SessionID: "b"}, revocation{SessionID: "c"})
		f := running(t, l, token.FeedConfig{})
		l.restore(revocation{SessionID: "a"}, revocation{SessionID: "d"})
		time.Sleep(time.Second)
		synctest.Wait()
		for session, want := range map[string]bool{"a": true, "b": false, "c": false, "d": true} {
			if f.Revoked(of(session, "u", time.Now())) != want {
				t.Errorf("session %s: want revoked %v", session, want)
			}
		}
		l.revoke(revocation{SessionID: "e"})
		time.Sleep(time.Second + time.Millisecond)
		synctest.Wait()
		if !f.Revoked(of("e", "u", time.Now())) || !f.Revoked(of("a", "u", time.Now())) {
			t.Fatal("news after the restart are missed, or cost what was known")
		}
	})
}

func TestAnAnswerThatMakesNoSenseChangesNothing(t *testing.T) {
	t.Parallel()
	answers := map[string]string{
		"no JSON":               "<html>",
		"half an answer":        `{"revision":9,"items":[{"sess`,
		"a time that is none":   `{"revision":9,"items":[{"revision":9,"userId":"u","before":"soon"}]}`,
		"a revision as text":    `{"revision":"9","items":[]}`,
		"below every beginning": `{"revision":-1,"items":[]}`,
	}
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := &ledger{}
				l.revoke(revocation{SessionID: "s"})
				var garbled atomic.Bool
				f := feed(t, token.FeedConfig{URLs: []string{"http://auth"}, Client: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					if !garbled.Load() {
						return l.RoundTrip(r)
					}
					return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(answer)), Request: r}, nil
				})}})
				run(t, f)
				synctest.Wait()
				garbled.Store(true)
				time.Sleep(10 * time.Second)
				if f.Healthy() || !f.Revoked(of("s", "u", time.Now())) {
					t.Fatal("taken for an answer")
				}
			})
		})
	}
}

func TestTheFeedFollowsARealServerAndFindsTheCopyThatAnswers(t *testing.T) {
	t.Parallel()
	l := &ledger{}
	l.revoke(revocation{SessionID: "s"})
	up, down := serve(t, l), serve(t, http.HandlerFunc(failing))
	c := newClock()
	f := feed(t, token.FeedConfig{URLs: []string{down.URL, up.URL, "http://127.0.0.1:1"}, Interval: 10 * time.Millisecond, Now: c.Now})
	run(t, f)
	eventually.True(t, "the first list", func() bool { return f.Revoked(of("s", "u", time.Now())) })
	l.revoke(revocation{SessionID: "t"})
	eventually.True(t, "the next", func() bool { return f.Revoked(of("t", "u", time.Now())) && f.Healthy() })
	up.Close()
	c.Advance(3 * time.Second)
	if f.Healthy() {
		t.Fatal("healthy with the server gone")
	}
	if !f.Revoked(of("s", "u", time.Now())) {
		t.Fatal("the server took the map with it")
	}
}

func TestTheFeedLogsOnceThatItIsLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		var lines strings.Builder
		running(t, l, token.FeedConfig{Logger: slog.New(slog.NewTextHandler(&lines, nil))})
		l.setDown(true)
		time.Sleep(time.Minute)
		l.setDown(false)
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := strings.Count(lines.String(), "\n"); n != 2 || strings.Contains(lines.String(), "a-service-token") {
			t.Fatalf("%d lines:\n%s", n, lines.String())
		}
	})
}

func TestAFeedNeedsAnAddressAndAToken(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]token.FeedConfig{
		"no address": {Token: serviceToken}, "no token": {URLs: []string{"http://auth"}}, "a bad address": {Token: serviceToken, URLs: []string{"auth"}},
	} {
		if _, err := token.NewRevocationFeed(cfg); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
