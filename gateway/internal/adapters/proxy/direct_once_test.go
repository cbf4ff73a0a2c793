package proxy_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// oneThenAnother answers once, and ends the connection after it has read a
// second request; the next connection answers "second".
func oneThenAnother(t *testing.T) *script {
	t.Helper()
	return play(t, func(p player) {
		p.request()
		p.say(okAnswer)
		p.request()
	}, answering("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond"))
}

func TestWhatMustNotArriveTwiceIsNotSentAgainOverAnotherConnection(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		method     string
		repeatable bool
		want       string
	}{
		"a POST":                           {http.MethodPost, false, ""},
		"a DELETE that is not to":          {http.MethodDelete, false, ""},
		"a POST that may":                  {http.MethodPost, true, "second"},
		"a GET, whatever its answer holds": {http.MethodGet, false, "second"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, s := newDirect(t), oneThenAnother(t)
			mustAsk(t, d, s, "ok")
			req, err := http.NewRequestWithContext(t.Context(), c.method, "http://"+s.addr+"/", strings.NewReader("body"))
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			resp, err := d.RoundTrip(req, time.Time{}, c.repeatable)
			if err == nil {
				b, failed := io.ReadAll(resp.Body)
				got, err = string(b), errors.Join(failed, resp.Body.Close())
			}
			if got != c.want || (err == nil) != (c.want != "") {
				t.Errorf("%q, %v; want %q", got, err, c.want)
			}
		})
	}
}

func TestAnExchangeEndsWhenItsTimeIsOver(t *testing.T) {
	t.Parallel()
	for name, said := range map[string]string{"before the answer": "", "within its head": "HTTP/1.1 200 OK\r\n"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, s := newDirect(t), play(t, func(p player) {
				p.request()
				p.say(okAnswer)
				p.request()
				p.say(said)
				p.request() // until the connection ends
			})
			mustAsk(t, d, s, "ok")
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.addr+"/", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := d.RoundTrip(req, time.Now().Add(time.Millisecond), true); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("it ended with %v", err)
			}
			if n := s.accepted.Load(); n != 1 {
				t.Errorf("it took %d connections", n)
			}
		})
	}
}

func TestAKeptConnectionHasTimeForEachExchange(t *testing.T) {
	t.Parallel()
	d, s := newDirect(t), play(t, answering(okAnswer))
	for _, until := range []time.Time{time.Now().Add(time.Minute), time.Now().Add(time.Hour), {}, time.Now().Add(time.Minute)} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.addr+"/", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := d.RoundTrip(req, until, false)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(resp.Body)
		if err := errors.Join(err, resp.Body.Close()); err != nil || string(b) != "ok" {
			t.Fatalf("%q, %v", b, err)
		}
	}
	if n := s.accepted.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
}
