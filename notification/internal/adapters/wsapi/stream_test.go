package wsapi_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/notification/internal/adapters/wsapi"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/notification/internal/wstest"
	"github.com/loveapp/backend/shared/eventually"
)

func bearer(token string) http.Header { return http.Header{"Authorization": {"Bearer " + token}} }

// listen opens a stream of the user up to its greeting, behind lastID where it is not "".
func (s *server) listen(user, lastID string) (*wstest.Events, wstest.Event) {
	s.tb.Helper()
	header := bearer(s.token(user))
	if lastID != "" {
		header.Set("Last-Event-ID", lastID)
	}
	events, answer := wstest.Listen(s.tb, s.URL, "", header, false)
	if events == nil {
		s.tb.Fatalf("the stream was answered %s", answer.Status)
	}
	return events, events.Expect("connected")
}

func wantIDs(t *testing.T, events *wstest.Events, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if got := events.Expect("notification"); got.ID != id {
			t.Fatalf("got the id %q, want %q of %v: %s", got.ID, id, ids, got.Data)
		}
	}
}

func TestAStreamBringsWhatASocketDoes(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	user := newID()
	s.backlog(user, 2, "")
	_, answer := wstest.Listen(t, s.URL, "", bearer(s.token(user)), false)
	for name, want := range map[string]string{"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"} {
		if got := answer.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	events, greeting := s.listen(user, "")
	if greeting.ID != "2" || !strings.Contains(greeting.Data, `"userId":"`+user+`"`) {
		t.Errorf("greeted with %+v", greeting)
	}
	s.notify(user, "medium", "hello")
	got := events.Expect("notification")
	var m struct {
		Type         string
		Seq          int64
		Notification struct{ ID, Title string }
	}
	if err := json.Unmarshal([]byte(got.Data), &m); err != nil || got.ID != "3" || m.Type != "notification" || m.Seq != 3 || m.Notification.Title != "hello" {
		t.Fatalf("got %+v, %v", got, err)
	}
	if status := s.status(http.MethodPost, "/v1/notifications/items/"+m.Notification.ID+"/read", s.token(user)); status != http.StatusNoContent {
		t.Fatalf("reading it: %d", status)
	}
	if read := events.Expect("read"); read.ID != "" || !strings.Contains(read.Data, m.Notification.ID) {
		t.Errorf("read: %+v", read)
	}
}

func TestAStreamGoesOnBehindTheLastEventID(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	user := newID()
	s.backlog(user, 5, "")
	events, greeting := s.listen(user, "2")
	if greeting.ID != "" {
		t.Errorf("the greeting moves the cursor to %s before what was missed has come", greeting.ID)
	}
	wantIDs(t, events, "3", "4", "5")
	if resumed := events.Expect("resumed"); resumed.ID != "5" {
		t.Errorf("resumed: %+v", resumed)
	}
	s.notify(user, "medium", "live")
	wantIDs(t, events, "6")
	ahead, _ := s.listen(user, "99")
	if reset := ahead.Expect("reset"); reset.ID != "6" {
		t.Errorf("reset: %+v", reset)
	}
}

func TestACursorInTheQueryServesBrowsersWithATicket(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	user := newID()
	s.backlog(user, 2, "")
	ticket := func() string {
		status, answer := s.request(http.MethodPost, "/v1/notifications/ws-tickets", s.token(user), nil)
		var made struct{ Ticket string }
		if err := json.Unmarshal(answer, &made); err != nil || status != http.StatusCreated {
			t.Fatalf("ticket: %d %s", status, answer)
		}
		return made.Ticket
	}
	query := "lastEventId=1&ticket=" + ticket()
	events, _ := wstest.Listen(t, s.URL, query, nil, false)
	events.Expect("connected")
	wantIDs(t, events, "2")
	if again, answer := wstest.Listen(t, s.URL, query, nil, false); again != nil || answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("the same ticket again: %s", answer.Status)
	}
}

func TestWhoMayNotListenIsToldBeforeTheStream(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	good := bearer(s.token(newID()))
	with := func(name, value string) http.Header {
		h := good.Clone()
		h.Set(name, value)
		return h
	}
	cases := map[string]struct {
		query  string
		header http.Header
		status int
	}{
		"nobody":            {"", nil, http.StatusUnauthorized},
		"a forged token":    {"", bearer("nonsense"), http.StatusUnauthorized},
		"an expired token":  {"", bearer(s.tokenOf(newID(), newID(), -time.Second)), http.StatusUnauthorized},
		"a forged ticket":   {"ticket=nonsense", nil, http.StatusUnauthorized},
		"no query":          {"ticket=%zz", nil, http.StatusBadRequest},
		"no cursor":         {"", with("Last-Event-ID", "five"), http.StatusUnprocessableEntity},
		"a negative cursor": {"lastEventId=-1", good, http.StatusUnprocessableEntity},
		"an endless cursor": {"lastEventId=" + strings.Repeat("9", 40), good, http.StatusUnprocessableEntity},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if events, answer := wstest.Listen(t, s.URL, c.query, c.header, false); events != nil || answer.StatusCode != c.status {
				t.Errorf("answered %s, want %d", answer.Status, c.status)
			}
		})
	}
	if status := s.status(http.MethodHead, "/v1/events", s.token(newID())); status != http.StatusOK {
		t.Errorf("HEAD: %d", status)
	}
}

func TestAStreamEndsWithItsTokenAndItsSession(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	short, _ := wstest.Listen(t, s.URL, "", bearer(s.tokenOf(newID(), newID(), 300*time.Millisecond)), false)
	short.Expect("connected")
	if end := short.Expect("close"); !strings.Contains(end.Data, `"code":4401`) || !strings.Contains(end.Data, "token_expired") {
		t.Errorf("close: %s", end.Data)
	}
	short.ExpectEnd()
	session := newID()
	ended, _ := wstest.Listen(t, s.URL, "", bearer(s.tokenOf(newID(), session, time.Hour)), false)
	ended.Expect("connected")
	s.revoke(session)
	if end := ended.Expect("close"); !strings.Contains(end.Data, "session_ended") {
		t.Errorf("close: %s", end.Data)
	}
	ended.ExpectEnd()
}

func TestStreamsCountAmongTheConnectionsOfAUser(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	user := newID()
	first, _ := s.listen(user, "")
	for range domain.MaxConnections {
		s.connect(user)
	}
	if end := first.Expect("close"); !strings.Contains(end.Data, `"code":4409`) {
		t.Errorf("close: %s", end.Data)
	}
	first.ExpectEnd()
}

func TestASilentStreamHearsCommentsAndIsNotCut(t *testing.T) {
	t.Parallel()
	s := start(t, settings{limits: wsapi.Limits{Ping: 50 * time.Millisecond}})
	user := newID()
	events, _ := s.listen(user, "")
	if _, err := events.Next(400 * time.Millisecond); errors.Is(err, io.EOF) {
		t.Fatal("the stream has ended")
	}
	if events.Comments < 2 {
		t.Errorf("%d comments came", events.Comments)
	}
	s.notify(user, "medium", "still there")
	wantIDs(t, events, "1")
}

func TestAStreamThatIsNotReadIsClosedAndMissesNothingWhenItComesBack(t *testing.T) {
	t.Parallel()
	s := start(t, settings{limits: wsapi.Limits{Queue: 64 << 10}})
	user := newID()
	slow, _ := wstest.Listen(t, s.URL, "", bearer(s.token(user)), true)
	slow.Expect("connected")
	const each = 500
	sent := 0
	for ; !s.hasClosed("4008") && sent < 200*each; sent += each {
		s.notifyMany(user, each, strings.Repeat("t", 180))
	}
	slow.ExpectEnd()
	back, _ := s.listen(user, slow.LastID)
	var event wstest.Event
	for event.Name != "resumed" {
		var err error
		if event, err = back.Next(wstest.Patience); err != nil {
			t.Fatal(err)
		}
	}
	if slow.LastID == "" || event.ID != strconv.Itoa(sent) {
		t.Errorf("it went on from %q to %q of %d", slow.LastID, event.ID, sent)
	}
}

func TestWhatOvertakesMovesNoCursor(t *testing.T) {
	t.Parallel()
	r, server := readStream(t)
	c := r.harness(t, server.Sockets()[0])
	c.Stall()
	c.Fill()
	notified := func(seq domain.Seq, urgent bool) *ports.Outgoing {
		return &ports.Outgoing{Message: domain.Notified{Notification: domain.Notification{Seq: seq, Data: []byte(`{}`)}}, Urgent: urgent}
	}
	c.Send(notified(1, false))
	c.Send(notified(2, true)) // what waits is behind it now
	c.Send(notified(5, true).Overtaking())
	c.Flow()
	eventually.True(t, "everything arrives", func() bool { return len(c.Seqs()) == 3 })
	c.Send(notified(3, true)) // nothing waits
	eventually.True(t, "everything arrives", func() bool { return len(c.Seqs()) == 4 })
	if diff := cmp.Diff([]string{"", "", "1", "3"}, r.cursors()); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
}

func TestWhoSpeaksOnAStreamIsCutOff(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	events, _ := s.listen(newID(), "")
	events.Say("GET / HTTP/1.1\r\n\r\n")
	if end := events.Expect("close"); !strings.Contains(end.Data, `"code":1008`) {
		t.Errorf("close: %s", end.Data)
	}
	events.ExpectEnd()
}

func TestADrainAdvisesStreams(t *testing.T) {
	t.Parallel()
	s := start(t, settings{limits: wsapi.Limits{Drain: 20 * time.Millisecond}})
	events, _ := s.listen(newID(), "")
	go s.stop()
	advice := events.Expect("reconnect")
	if advice.Retry == "" || !strings.Contains(advice.Data, `"retryAfterMs":`) {
		t.Errorf("advice: %+v", advice)
	}
	if end := events.Expect("close"); !strings.Contains(end.Data, `"code":1012`) {
		t.Errorf("close: %s", end.Data)
	}
	events.ExpectEnd()
}
