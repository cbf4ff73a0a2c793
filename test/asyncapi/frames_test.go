package asyncapi_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws/wsutil"
	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/notification/notificationtest"
	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/servicetoken"
)

// TestEveryTypeIsSentAsDescribed has the server say everything that it can say.
func TestEveryTypeIsSentAsDescribed(t *testing.T) {
	t.Parallel()
	c, seen := load(t), map[string]bool{}
	b := notificationtest.NewBackplane(nil)
	n := notificationtest.Start(t, notificationtest.Options{Backplane: b})
	user, session := idgen.NewV7(), idgen.NewV7()
	token := n.Token(user, session, "USER")
	room := "sos:" + idgen.NewV7()
	b.Let(room, user, true)
	conn := dial(t, n.URL, token)
	say := func(text string) {
		if err := c.CheckSaid([]byte(text)); err != nil && !strings.Contains(text, "nonsense") {
			t.Errorf("we say what is not described: %v", err)
		}
		if err := wsutil.WriteClientText(conn, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	hear := func(kind string) (m struct{ Notification struct{ ID string } }) {
		_ = conn.SetReadDeadline(time.Now().Add(30 * time.Second))
		text, err := wsutil.ReadServerText(conn)
		if err != nil {
			t.Fatalf("wait for %s: %v", kind, err)
		}
		if err := c.CheckHeard(text); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		if !bytes.Contains(text, []byte(`"type":"`+kind+`"`)) {
			t.Fatalf("got %s instead of %s", text, kind)
		}
		seen[kind] = true
		_ = json.Unmarshal(text, &m)
		return m
	}
	internal := func(path string, body any) { post(t, n.URL+path, n.ServiceToken(servicetoken.SOS), body) }
	notify := func() {
		internal("/internal/notifications", map[string]any{"items": []any{map[string]any{"eventId": idgen.NewV7(), "userIds": []string{user}, "title": "t"}}})
	}
	hear("connected")
	notify()
	id := hear("notification").Notification.ID
	say(`{"type":"ack","seq":1}`)
	say(`{"type":"ack","ids":["` + id + `"]}`)
	say(`{"type":"resume","after":0}`)
	hear("notification")
	hear("resumed")
	say(`{"type":"resume","after":9}`)
	hear("reset")
	say(`{"type":"refresh","token":"` + token + `"}`)
	hear("refreshed")
	say(`{"type":"ping"}`)
	hear("pong")
	say(`{"type":"nonsense"}`)
	hear("error")
	say(`{"type":"join","room":"sos:` + idgen.NewV7() + `"}`)
	hear("error") // with the room
	say(`{"type":"join","room":"` + room + `"}`)
	hear("joined")
	internal("/internal/rooms/events", map[string]any{
		"id": idgen.NewV7(), "room": room, "event": "status", "at": time.Now().UTC().Format(time.RFC3339Nano), "data": map[string]any{"status": "pending"},
	})
	hear("event")
	internal("/internal/rooms/close", map[string]any{"room": room})
	hear("left") // with room_closed
	say(`{"type":"leave","room":"` + room + `"}`)
	hear("left")
	for _, change := range []struct{ method, path, kind string }{
		{http.MethodPost, "/read", "read"}, {http.MethodPost, "/unread", "unread"}, {http.MethodDelete, "", "deleted"},
	} {
		send(t, change.method, n.URL+"/v1/notifications/items/"+id+change.path, token, nil)
		hear(change.kind)
	}
	n.Stop()
	hear("reconnect")
	if diff := cmp.Diff(c.Heard(), slices.Sorted(maps.Keys(seen))); diff != "" {
		t.Errorf("described and sent (-described +sent):\n%s", diff)
	}
}
