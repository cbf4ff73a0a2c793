package httpapi_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/servicetoken"
)

const (
	eventsPath = "/internal/rooms/events"
	closePath  = "/internal/rooms/close"
)

func TestServicesSayWhatHappensInRooms(t *testing.T) {
	t.Parallel()
	s := start(t)
	room := "sos:" + idgen.NewV7()
	event := func(room string) string {
		return `{"id":"1","room":"` + room + `","event":"comment","at":"2026-03-01T12:00:00Z","data":{}}`
	}
	for path, body := range map[string]string{eventsPath: event(room), closePath: `{"room":"` + room + `"}`} {
		if a := s.do(http.MethodPost, path, s.sos(), body); a.status != http.StatusNoContent || a.body != "" {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
		if a := s.do(http.MethodPost, path, s.ServiceToken(servicetoken.Auth), body); a.status != http.StatusForbidden {
			t.Errorf("%s of another service: %d", path, a.status)
		}
		if a := s.do(http.MethodPost, path, s.user(idgen.NewV7()), body); a.status != http.StatusUnauthorized {
			t.Errorf("%s of a user: %d", path, a.status)
		}
		if a := s.do(http.MethodPost, path, s.sos(), `{`); a.status != http.StatusBadRequest {
			t.Errorf("%s, malformed: %d", path, a.status)
		}
		if a := s.do(http.MethodPost, path, s.sos(), `{"room":"`+strings.Repeat("x", 30<<10)+`"}`); a.status != http.StatusRequestEntityTooLarge {
			t.Errorf("%s, too large: %d", path, a.status)
		}
	}
	if a := s.do(http.MethodPost, eventsPath, s.ServiceToken(servicetoken.Auth), event("topic:x")); a.status != http.StatusNoContent {
		t.Errorf("a topic: %d %s", a.status, a.body)
	}
}

func TestWrongEventsAreRefusedByField(t *testing.T) {
	t.Parallel()
	s := start(t)
	if got := s.do(http.MethodPost, eventsPath, s.sos(), `{}`).fields(); !slices.Equal(got, []string{"room invalid_format", "event invalid_format", "id invalid_format", "at out_of_range", "data invalid_type"}) {
		t.Errorf("an empty event: %v", got)
	}
	if got := s.do(http.MethodPost, closePath, s.sos(), `{"room":"x","userIds":["y"]}`).fields(); !slices.Equal(got, []string{"room invalid_format", "userIds[0] invalid_format"}) {
		t.Errorf("a wrong closing: %v", got)
	}
}
