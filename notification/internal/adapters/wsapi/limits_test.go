package wsapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/adapters/wsapi"
	"github.com/loveapp/backend/notification/internal/wstest"
	"github.com/loveapp/backend/shared/eventually"
)

// from is a handshake that a trusted proxy forwards for somebody.
func (s *server) from(address string) wstest.Handshake {
	h := wstest.Bearer(s.token(newID()))
	h.Header.Set("X-Forwarded-For", address)
	return h
}

func TestAnAddressWithTooManySocketsIsTurnedAway(t *testing.T) {
	t.Parallel()
	s := start(t, settings{perAddress: 3})
	var open []*wstest.Client
	for range 3 {
		client := wstest.Open(t, s.URL, s.from("192.0.2.1"))
		client.Expect("connected")
		open = append(open, client)
	}
	wstest.Open(t, s.URL, s.from("192.0.2.1")).ExpectClose(4429)
	if events, answer := wstest.Listen(t, s.URL, "", s.from("192.0.2.1").Header, false); events != nil || answer.StatusCode != http.StatusTooManyRequests || answer.Header.Get("Retry-After") == "" {
		t.Errorf("a stream: %s", answer.Status)
	}
	wstest.Open(t, s.URL, s.from("192.0.2.2")).Expect("connected")
	open[0].Cut()
	eventually.True(t, "a place becomes free", func() bool {
		m, err := wstest.Open(t, s.URL, s.from("192.0.2.1")).Next(wstest.Patience)
		return err == nil && m.Type == "connected"
	})
}

// Whatever is sent without end, be it text, pieces of a message or pings, closes the socket.
func TestAFloodOfFramesEndsTheConnection(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]wstest.Frame{
		"messages": {Op: wstest.Text, Payload: []byte(`{"type":"ping"}`)},
		"pings":    {Op: wstest.Ping},
		"pongs":    {Op: wstest.Pong},
		"pieces":   {Op: wstest.Continuation, More: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, settings{limits: wsapi.Limits{Frames: 10, FrameBurst: 100}})
			client := s.connect(newID())
			if f.Op == wstest.Continuation {
				client.SendFrame(wstest.Frame{Op: wstest.Text, More: true})
			}
			client.SendBytes([]byte(strings.Repeat(string(f.Bytes()), 500)))
			client.ExpectClose(1008)
		})
	}
}

func TestWhoeverComesBackAfterALongTimeMayAcknowledgeAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	client := s.connect(newID())
	var acks strings.Builder
	for n := range 1000 {
		acks.Write(wstest.Frame{Op: wstest.Text, Payload: fmt.Appendf(nil, `{"type":"ack","seq":%d}`, n)}.Bytes())
	}
	client.SendBytes([]byte(acks.String()))
	client.Send(`{"type":"ping"}`)
	client.Expect("pong")
}

// Clients that never read cost what their queues may hold, all together, and no more.
func TestClientsThatNeverReadCostLittle(t *testing.T) {
	t.Parallel()
	const clients, bound = 100, 2 << 20
	s := start(t, settings{limits: wsapi.Limits{Queue: 64 << 10, QueueAll: bound, Ping: time.Second}})
	var users []string
	for range clients {
		user := newID()
		s.narrow(user)
		users = append(users, user)
	}
	healthy := s.connect(users[0])
	for range 40 {
		s.notifyAll(users, strings.Repeat("b", 3000))
		if waiting := s.waiting(); waiting > bound+clients*(16<<10) {
			t.Fatalf("%d bytes wait", waiting)
		}
		healthy.Expect("notification")
	}
	eventually.True(t, "they are closed or cut", func() bool { return s.open() <= 1 })
}

// notifyAll puts one notification into the inbox of each.
func (s *server) notifyAll(users []string, body string) {
	s.tb.Helper()
	bearer, err := s.services.Sign("sos", "notification")
	if err != nil {
		s.tb.Fatal(err)
	}
	item := map[string]any{"eventId": newID(), "userIds": users, "title": "to all", "body": body}
	if status, answer := s.request(http.MethodPost, "/internal/notifications", bearer, map[string]any{"items": []any{item}}); status != http.StatusAccepted {
		s.tb.Fatalf("notify: %d %s", status, answer)
	}
}
