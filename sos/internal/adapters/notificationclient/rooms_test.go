package notificationclient_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/shared/event"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/sos/internal/adapters/notificationclient"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports/portstest"
)

// stage is a notification service as far as its rooms go.
type stage struct {
	mu     sync.Mutex
	shown  map[string]event.RoomEvent
	closed []event.RoomClose
	fails  bool
}

func (s *stage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails || r.Header.Get("Authorization") != "Bearer proof" {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	var shown event.RoomEvent
	var closed event.RoomClose
	decoder := json.NewDecoder(r.Body)
	switch {
	case r.URL.Path == "/internal/rooms/events" && decoder.Decode(&shown) == nil:
		s.shown[shown.ID] = shown
	case r.URL.Path == "/internal/rooms/close" && decoder.Decode(&closed) == nil:
		s.closed = append(s.closed, closed)
	default:
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func newStage(t *testing.T) (*stage, string) {
	t.Helper()
	listener, err := httpserver.Listen(t.Context(), "127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{shown: map[string]event.RoomEvent{}}
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}}
	server.Start()
	t.Cleanup(server.Close)
	return s, server.URL
}

func rooms(t *testing.T, urls ...string) *notificationclient.Rooms {
	t.Helper()
	r, err := notificationclient.NewRooms(notificationclient.Config{URLs: urls, Token: func() (string, error) { return "proof", nil }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

func TestTheRoomsKeepTheirContract(t *testing.T) {
	t.Parallel()
	portstest.RunRooms(t, func(t *testing.T) portstest.Theatre {
		s, url := newStage(t)
		count := func(n func() int) func() int {
			return func() int {
				s.mu.Lock()
				defer s.mu.Unlock()
				return n()
			}
		}
		return portstest.Theatre{
			Rooms: rooms(t, nowhere, url),
			Fail: func(failing bool) {
				s.mu.Lock()
				defer s.mu.Unlock()
				s.fails = failing
			},
			Shown: count(func() int { return len(s.shown) }), Closed: count(func() int { return len(s.closed) }),
		}
	})
}

func TestWhoFollowsATicketSeesWhatTheirScreenNeeds(t *testing.T) {
	t.Parallel()
	s, url := newStage(t)
	at, accuracy := time.Date(2030, 1, 1, 0, 0, 0, 10e6, time.UTC), 8.0
	const id = "01900000-0000-7000-8000-000000000001"
	for _, e := range []domain.LiveEvent{
		{
			Ticket: id, Kind: domain.LiveComment, Key: "event 3", At: at, Status: domain.Pending, Priority: domain.High, Level: 1, Version: 2,
			Event: domain.Event{Seq: 3, Kind: domain.EventComment, By: domain.Actor{User: "secret", Name: "Mum", Roles: domain.Helper}, Data: map[string]any{"note": "coming"}},
		},
		{Ticket: id, Kind: domain.LiveLocation, Key: "way", At: at, Status: domain.Pending, Priority: domain.High, Version: 2, Place: &domain.Location{Latitude: 1, Longitude: 2, Accuracy: &accuracy, CapturedAt: &at}},
	} {
		if err := rooms(t, url).Tell(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	got := map[string]string{}
	for _, e := range s.shown {
		if e.Room != "sos:"+id || !e.At.Equal(at) || e.ID == "" {
			t.Errorf("event %+v", e)
		}
		got[e.Event] = string(e.Data)
	}
	want := map[string]string{
		"comment":  `{"ticketId":"` + id + `","status":"pending","priority":"high","escalationLevel":1,"version":2,"at":"2030-01-01T00:00:00.010Z","kind":"comment","seq":3,"actor":{"kind":"contact","name":"Mum"},"note":"coming"}`,
		"location": `{"ticketId":"` + id + `","status":"pending","priority":"high","escalationLevel":0,"version":2,"at":"2030-01-01T00:00:00.010Z","location":{"latitude":1,"longitude":2,"accuracy":8,"capturedAt":"2030-01-01T00:00:00.010Z"}}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
