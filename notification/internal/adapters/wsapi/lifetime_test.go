package wsapi_test

import (
	"context"
	"net/http"
	"os"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/adapters/wsapi"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/notification/internal/wstest"
	"github.com/loveapp/backend/shared/eventually"
)

func TestASocketLivesNoLongerThanItsToken(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	client, _ := wstest.Connect(t, s.URL, s.tokenOf(newID(), newID(), 300*time.Millisecond))
	if reason := client.ExpectClose(4401); reason != "token_expired" {
		t.Errorf("reason %q", reason)
	}
}

func TestARevokedSessionLosesItsSockets(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	user, session := newID(), newID()
	phone, _ := wstest.Connect(t, s.URL, s.tokenOf(user, session, time.Hour))
	same, _ := wstest.Connect(t, s.URL, s.tokenOf(user, session, time.Hour))
	tablet := s.connect(user)
	s.revoke(session)
	for _, client := range []*wstest.Client{phone, same} {
		if reason := client.ExpectClose(4401); reason != "session_ended" {
			t.Errorf("reason %q", reason)
		}
	}
	tablet.Send(`{"type":"ping"}`)
	tablet.Expect("pong")
}

func TestTheEleventhConnectionClosesTheOldest(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	user := newID()
	var clients []*wstest.Client
	for range 12 {
		clients = append(clients, s.connect(user))
	}
	clients[0].ExpectClose(4409)
	clients[1].ExpectClose(4409)
	for _, client := range clients[2:] {
		client.Send(`{"type":"ping"}`)
		client.Expect("pong")
	}
}

func TestTheServerPingsAndCutsWhoeverDoesNotAnswer(t *testing.T) {
	t.Parallel()
	const interval = 200 * time.Millisecond
	s := start(t, settings{limits: wsapi.Limits{Ping: interval}})
	alive, dead := s.connect(newID()), s.connect(newID())
	for range 4 {
		f, err := alive.ReadFrame(wstest.Patience)
		if err != nil || f.Op != wstest.Ping {
			t.Fatalf("got %v, %v, want a ping", f, err)
		}
		alive.SendFrame(wstest.Frame{Op: wstest.Pong, Payload: f.Payload})
	}
	if f, err := dead.ReadFrame(wstest.Patience); err != nil || f.Op != wstest.Ping {
		t.Fatalf("got %v, %v, want a ping", f, err)
	}
	if f, err := dead.ReadFrame(wstest.Patience); err == nil {
		t.Errorf("got %v, want the end", f)
	}
}

func TestAClientThatDoesNotReadIsClosedAndMissesNothingWhenItResumes(t *testing.T) {
	t.Parallel()
	s := start(t, settings{limits: wsapi.Limits{Queue: 64 << 10, Linger: time.Minute}}) // it reads late why it is closed
	user := newID()
	slow, healthy := s.narrow(user), s.connect(user)
	title := strings.Repeat("t", 180)
	const each = 500
	sent := int64(0)
	gone := make(chan int)
	go func() { // a healthy device of the same user goes on
		seen := 0
		for {
			if m, err := healthy.Next(wstest.Patience); err != nil || m.Seq == -1 {
				gone <- seen
				return
			}
			seen++
		}
	}()
	for ; !s.hasClosed("4008") && sent < 200*each; sent += each {
		s.notifyMany(user, each, title)
	}
	var got int64
	for {
		m, err := slow.Next(wstest.Patience)
		if err != nil {
			if closed, ok := err.(wstest.ClosedError); !ok || closed.Code != 4008 { //nolint:errorlint // it is returned bare
				t.Fatalf("ended with %v", err)
			}
			break
		}
		if m.Seq != got+1 {
			t.Fatalf("got seq %d after %d", m.Seq, got)
		}
		got = m.Seq
	}
	if got == sent {
		t.Fatal("nothing was left unread: the test tests nothing")
	}
	back := s.connect(user)
	back.Sendf(`{"type":"resume","after":%d}`, got)
	for seq := got + 1; seq <= sent; seq++ {
		back.ExpectSeqs(seq)
	}
	back.Expect("resumed")
	healthy.Cut()
	<-gone
}

// defective is a store with a defect in it.
type defective struct{ ports.Store }

func (defective) AckThrough(context.Context, domain.UserID, domain.Seq) error { panic("a defect") }

func TestADefectCostsOneSocketAndNotTheService(t *testing.T) {
	t.Parallel()
	s := start(t, settings{around: func(store ports.Store) ports.Store { return defective{store} }})
	unlucky, other := s.connect(newID()), s.connect(newID())
	unlucky.Send(`{"type":"ack","seq":1}`)
	unlucky.ExpectClose(1011)
	other.Send(`{"type":"ping"}`)
	other.Expect("pong")
}

func TestAClientThatDoesNotHangUpIsCutAfterTheLinger(t *testing.T) {
	t.Parallel()
	s := start(t, settings{limits: wsapi.Limits{Linger: 50 * time.Millisecond}})
	deaf := s.connect(newID())
	deaf.SendFrame(wstest.Frame{Op: wstest.Binary})
	eventually.True(t, "it is cut", func() bool { return s.open() == 0 })
}

// Closing a connection with unread bytes resets it, and a reset takes back
// what the client has not read yet.
func TestTheReasonArrivesAlsoAtAClientThatGoesOnSending(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	for range 5 {
		client := s.connect(newID())
		client.SendBytes(append(wstest.Frame{Op: wstest.Binary}.Bytes(), make([]byte, 128<<10)...))
		client.ExpectClose(1003)
	}
}

// notifyMany puts n notifications into the inbox in one request.
func (s *server) notifyMany(user string, n int, title string) {
	s.tb.Helper()
	bearer, err := s.services.Sign("sos", "notification")
	if err != nil {
		s.tb.Fatal(err)
	}
	var items []any
	for range n {
		items = append(items, map[string]any{"eventId": newID(), "userIds": []string{user}, "title": title, "body": strings.Repeat("b", 1000)})
	}
	if status, answer := s.request(http.MethodPost, "/internal/notifications", bearer, map[string]any{"items": items}); status != http.StatusAccepted {
		s.tb.Fatalf("notify: %d %s", status, answer)
	}
}

// hasClosed tells whether the server has sent a close frame with the code.
func (s *server) hasClosed(code string) bool {
	counted := regexp.MustCompile(`ws_closes_total\{[^}]*code="` + code + `"[^}]*\} [1-9]`)
	return counted.MatchString(s.scrape())
}

func TestADrainTellsEveryClientWhenToComeBack(t *testing.T) {
	t.Parallel()
	s := start(t, settings{limits: wsapi.Limits{Drain: 300 * time.Millisecond, DrainEach: time.Minute, RetryAfter: time.Second}})
	clients := []*wstest.Client{wstest.Open(t, s.URL, wstest.Handshake{})}
	for range 9 {
		clients = append(clients, s.connect(newID()))
	}
	var told sync.WaitGroup
	for _, client := range clients {
		told.Go(func() {
			if m := client.Expect("reconnect"); m.RetryAfterMS < 0 || m.RetryAfterMS >= 1000 {
				t.Errorf("told %s", m.Raw)
			}
			client.ExpectClose(1012)
		})
	}
	at := time.Now()
	s.stop()
	told.Wait()
	if took := time.Since(at); took < 250*time.Millisecond {
		t.Errorf("all were closed within %s, not spread", took)
	}
}

func TestADrainEndsAlsoForClientsThatDoNotHangUp(t *testing.T) {
	t.Parallel()
	s := start(t, settings{limits: wsapi.Limits{Linger: 100 * time.Millisecond, DrainEach: time.Millisecond}})
	deaf := s.narrow(newID())
	s.stop() // returns, or the test does not
	if _, err := deaf.Next(wstest.Patience); err != nil {
		t.Errorf("it was not told: %v", err)
	}
}

//nolint:paralleltest // it counts what the whole process holds
func TestNothingIsLeftOfSocketsThatAreGone(t *testing.T) {
	s := start(t, settings{})
	s.connect(newID()).Cut()
	eventually.True(t, "the first one is gone", func() bool { return s.open() == 0 })
	goroutines, descriptors := runtime.NumGoroutine(), openFiles(t)
	for round := range 100 {
		client := s.connect(newID())
		switch round % 5 {
		case 0:
			client.Cut()
		case 1:
			client.SendFrame(wstest.Frame{Op: wstest.Close})
			client.ExpectClose(1005)
		case 2:
			client.SendFrame(wstest.Frame{Op: wstest.Binary})
			client.ExpectClose(1003)
		case 3:
			client.SendBytes([]byte{0x81})
			client.Cut()
		case 4:
			half := wstest.Open(t, s.URL, wstest.Handshake{})
			half.Cut()
			client.Cut()
		}
		client.Cut()
	}
	eventually.True(t, "every socket is gone", func() bool { return s.open() == 0 })
	eventually.True(t, "their goroutines and descriptors are gone", func() bool {
		return runtime.NumGoroutine() <= goroutines && openFiles(t) <= descriptors
	})
}

func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}
