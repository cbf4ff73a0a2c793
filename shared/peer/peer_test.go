package peer_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/peer"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// copied is one copy of a service.
type copied struct {
	url    string
	asked  atomic.Int32
	status atomic.Int32
	hangs  atomic.Bool
}

func newCopy(t *testing.T, status int) *copied {
	t.Helper()
	c := &copied{}
	c.status.Store(int32(status)) //nolint:gosec // of HTTP
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path != "/health/ready" {
			c.asked.Add(1)
		}
		if c.hangs.Load() {
			<-r.Context().Done()
			return
		}
		w.WriteHeader(int(c.status.Load()))
		_, _ = io.WriteString(w, r.Header.Get("Authorization")+" "+r.Method+" "+r.URL.Path+" "+string(body)+strings.Repeat(".", 2000))
	}))
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

func service(t *testing.T, urls ...string) *peer.Service {
	t.Helper()
	s, err := peer.New(peer.Config{
		URLs: urls, Token: func() (string, error) { return "proof", nil }, Connections: 4, DialLimit: time.Second, AnswerLimit: 1000,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

var (
	errNotOK   = errors.New("not ok")
	errRefused = errors.New("refused")
)

func judge(a peer.Answer) error {
	switch a.Status {
	case http.StatusOK:
		return nil
	case http.StatusUnprocessableEntity:
		return peer.Final(errRefused)
	}
	return errNotOK
}

const nowhere = "http://127.0.0.1:1"

func TestAnyCopyAnswers(t *testing.T) {
	t.Parallel()
	good, bad := newCopy(t, http.StatusOK), newCopy(t, http.StatusInternalServerError)
	s := service(t, nowhere, bad.url, good.url+"/")
	for range 6 {
		var got peer.Answer
		if err := s.Post(t.Context(), "/path", []byte(`{}`), func(a peer.Answer) error { got = a; return judge(a) }); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(got.Body), "Bearer proof POST /path {}") || len(got.Body) != 1000 {
			t.Errorf("%d bytes: %.40s", len(got.Body), got.Body)
		}
	}
	if n := good.asked.Load(); n != 6 {
		t.Errorf("the one that works was asked %d times", n)
	}
}

func TestWhatIsOnlyAskedBringsNothingAlong(t *testing.T) {
	t.Parallel()
	good := newCopy(t, http.StatusOK)
	var got peer.Answer
	if err := service(t, nowhere, good.url).Get(t.Context(), "/path?a=b", func(a peer.Answer) error { got = a; return judge(a) }); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(got.Body), "Bearer proof GET /path ") {
		t.Errorf("answered %.40s", got.Body)
	}
}

func TestAnAnswerThatCountsIsAskedForOnce(t *testing.T) {
	t.Parallel()
	one, other := newCopy(t, http.StatusUnprocessableEntity), newCopy(t, http.StatusUnprocessableEntity)
	s := service(t, one.url, other.url)
	for range 20 { // and is no failure of the copy
		if err := s.Post(t.Context(), "/", nil, judge); !errors.Is(err, errRefused) {
			t.Fatal(err)
		}
	}
	if n := one.asked.Load() + other.asked.Load(); n != 20 {
		t.Errorf("%d requests for 20 questions", n)
	}
}

func TestEveryFailureIsNamed(t *testing.T) {
	t.Parallel()
	err := service(t, nowhere, newCopy(t, http.StatusTeapot).url).Post(t.Context(), "/", nil, judge)
	if !errors.Is(err, errNotOK) || !strings.Contains(err.Error(), "refused") {
		t.Errorf("it says %v", err)
	}
}

func TestACopyThatKeepsFailingIsLeftAloneForAWhile(t *testing.T) {
	t.Parallel()
	c := newCopy(t, http.StatusInternalServerError)
	s := service(t, c.url)
	for range 30 {
		_ = s.Post(t.Context(), "/", nil, judge)
	}
	if n := c.asked.Load(); n >= 30 {
		t.Errorf("it was asked %d times", n)
	}
	c.status.Store(http.StatusOK)
	eventually.True(t, "it is asked again", func() bool { return s.Post(t.Context(), "/", nil, judge) == nil })
}

func TestACopyThatHangsLeavesTimeForTheOthers(t *testing.T) {
	t.Parallel()
	hanging, good := newCopy(t, http.StatusOK), newCopy(t, http.StatusOK)
	hanging.hangs.Store(true)
	s := service(t, hanging.url, good.url)
	for range 2 { // begins with either
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		if err := s.Post(ctx, "/", nil, judge); err != nil {
			t.Error(err)
		}
		cancel()
	}
}

func TestOneReadyCopyIsEnough(t *testing.T) {
	t.Parallel()
	ready, starting := newCopy(t, http.StatusOK), newCopy(t, http.StatusServiceUnavailable)
	if err := service(t, nowhere, starting.url, ready.url).Ping(t.Context()); err != nil {
		t.Error(err)
	}
	if err := service(t, nowhere, starting.url).Ping(t.Context()); err == nil {
		t.Error("nobody is ready, and that is said to be well")
	}
}

func TestAHoleIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := peer.New(peer.Config{URLs: []string{nowhere}}); err == nil {
		t.Error("it is taken")
	}
}
