package wsapi_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/wstest"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/servicetoken"
)

// tell has something happen in a room, as sos does.
func (s *server) tell(path string, body map[string]any) {
	s.tb.Helper()
	bearer, err := s.services.Sign(servicetoken.SOS, servicetoken.Notification)
	if err != nil {
		s.tb.Fatal(err)
	}
	if status, answer := s.request(http.MethodPost, path, bearer, body); status != http.StatusNoContent {
		s.tb.Fatalf("%s: %d %s", path, status, answer)
	}
}

func (s *server) happen(room, event, id string, data map[string]any) {
	s.tb.Helper()
	s.tell("/internal/rooms/events", map[string]any{"id": id, "room": room, "event": event, "at": "2026-03-01T12:00:00.123Z", "data": data})
}

func expectJoined(t *testing.T, client *wstest.Client, room string) {
	t.Helper()
	client.Sendf(`{"type":"join","room":%q}`, room)
	if m := client.Expect("joined"); m.Raw != `{"type":"joined","room":"`+room+`"}` {
		t.Errorf("joined: %s", m.Raw)
	}
}

func TestARoomFromJoiningToItsEnd(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	room, ana, eve := "sos:"+newID(), newID(), newID()
	s.owner.Let(domain.Room(room), domain.UserID(ana), true)
	client, stranger := s.connect(ana), s.connect(eve)
	expectJoined(t, client, room)
	stranger.Sendf(`{"type":"join","room":%q}`, room)
	if m := stranger.Expect("error"); m.Code != "room_not_found" || m.Room != room {
		t.Errorf("the stranger: %s", m.Raw)
	}
	s.happen(room, "status", "e1", map[string]any{"status": "in_progress"})
	if m := client.Expect("event"); m.Raw != `{"type":"event","room":"`+room+`","event":"status","id":"e1","at":"2026-03-01T12:00:00.123Z","data":{"status":"in_progress"}}` {
		t.Errorf("event: %s", m.Raw)
	}
	s.tell("/internal/rooms/close", map[string]any{"room": room})
	if m := client.Expect("left"); m.Raw != `{"type":"left","room":"`+room+`","code":"room_closed"}` {
		t.Errorf("left: %s", m.Raw)
	}
	s.happen(room, "status", "e2", map[string]any{})
	client.Sendf(`{"type":"leave","room":%q}`, room)
	if m := client.Expect("left"); m.Code != "" || m.Room != room {
		t.Errorf("left: %s", m.Raw)
	}
	stranger.Send(`{"type":"ping"}`)
	stranger.Expect("pong") // and nothing before it
}

func TestTheNewestPositionAlwaysArrivesAndHoldsNothingBack(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	room, ana := "sos:"+newID(), newID()
	s.owner.Let(domain.Room(room), domain.UserID(ana), true)
	client := s.connect(ana)
	expectJoined(t, client, room)
	for _, id := range []string{"1", "2", "3", "4", "5"} {
		s.happen(room, "location", id, map[string]any{"latitude": 1})
	}
	s.happen(room, "comment", "c", map[string]any{})
	heard := ""
	for !strings.Contains(heard, `"id":"5"`) || !strings.Contains(heard, `"id":"c"`) {
		heard += client.Expect("event").Raw
	}
	if !strings.Contains(heard, `"id":"1"`) {
		t.Errorf("the first position did not go out at once: %s", heard)
	}
}

func TestWhatIsAskedAboutRoomsIsChecked(t *testing.T) {
	t.Parallel()
	client := start(t, settings{}).connect(newID())
	for _, room := range []string{"sos:1", "sos:" + strings.ToUpper("01890a5d-ac96-774b-bcce-b302099a8057"), "topic:", "topic:a b", "x", "é🚑"} {
		for _, kind := range []string{"join", "leave"} {
			client.Sendf(`{"type":%q,"room":%q}`, kind, room)
			if m := client.Expect("error"); m.Code != "room_not_found" || m.Room != room {
				t.Errorf("%s %s: %s", kind, room, m.Raw)
			}
		}
	}
	for _, frame := range []string{`{"type":"join"}`, `{"type":"leave","room":""}`, `{"type":"join","room":1}`, `{"type":"join","room":"topic:` + strings.Repeat("x", 123) + `"}`} {
		client.Send(frame)
		if m := client.Expect("error"); m.Code != "malformed_message" {
			t.Errorf("%.60s: %s", frame, m.Raw)
		}
	}
}

func TestAnOwnerWhoIsAwayIsAnErrorToTryAgain(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	room, ana := "sos:"+newID(), newID()
	s.owner.Let(domain.Room(room), domain.UserID(ana), true)
	s.owner.Begin()
	client := s.connect(ana)
	client.Sendf(`{"type":"join","room":%q}`, room)
	if m := client.Expect("error"); m.Code != "unavailable" || m.Room != room {
		t.Errorf("%s", m.Raw)
	}
	s.owner.End()
	expectJoined(t, client, room)
}

func TestARevocationEndsMembershipsWithTheConnection(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	room, ana, session := "sos:"+newID(), newID(), newID()
	s.owner.Let(domain.Room(room), domain.UserID(ana), true)
	client, _ := wstest.Connect(t, s.URL, s.tokenOf(ana, session, time.Hour))
	expectJoined(t, client, room)
	s.revoke(session)
	client.ExpectClose(4401)
	s.happen(room, "status", "e1", map[string]any{})
	eventually.True(t, "the socket is gone", func() bool { return s.open() == 0 })
}
