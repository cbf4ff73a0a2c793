package notification_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/loveapp/backend/notification/internal/wstest"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/servicetoken"
)

func (i *instance) asSOS(path string, body map[string]any) {
	i.tb.Helper()
	bearer, err := i.services.Sign(servicetoken.SOS, servicetoken.Notification)
	if err != nil {
		i.tb.Fatal(err)
	}
	if status, answer := i.do(http.MethodPost, path, bearer, body); status != http.StatusNoContent {
		i.tb.Fatalf("%s: %d %s", path, status, answer)
	}
}

func (i *instance) happen(room, id string) {
	i.tb.Helper()
	i.asSOS("/internal/rooms/events", map[string]any{"id": id, "room": room, "event": "comment", "at": "2026-03-01T12:00:00Z", "data": map[string]any{"n": id}})
}

func join(client *wstest.Client, room string) {
	client.Sendf(`{"type":"join","room":%q}`, room)
	client.Expect("joined")
}

func TestARoomSpansInstances(t *testing.T) {
	t.Parallel()
	for name, withRedis := range map[string]bool{"with Redis": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, one, other := two(t)
			room, ana, ben, eve := "sos:"+newID(), newID(), newID(), newID()
			c.auth.let(room, ana)
			c.auth.let(room, ben)
			here, _ := one.connect(ana)
			there, _ := other.connect(ben)
			stranger, _ := other.connect(eve)
			if !withRedis {
				c.loseRedis()
			}
			join(here, room)
			join(there, room)
			stranger.Sendf(`{"type":"join","room":%q}`, room)
			if m := stranger.Expect("error"); m.Code != "room_not_found" {
				t.Errorf("the stranger: %s", m.Raw)
			}
			for n, at := range []*instance{one, other, one, other} {
				at.happen(room, fmt.Sprint("event-", n))
				for _, client := range []*wstest.Client{here, there} {
					if m := client.Expect("event"); m.Room != room || m.ID != fmt.Sprint("event-", n) {
						t.Errorf("event %d: %s", n, m.Raw)
					}
				}
			}
			other.asSOS("/internal/rooms/close", map[string]any{"room": room})
			for _, client := range []*wstest.Client{here, there} {
				if m := client.Expect("left"); m.Code != "room_closed" {
					t.Errorf("left: %s", m.Raw)
				}
			}
			one.happen(room, "late")
			for _, client := range []*wstest.Client{here, there, stranger} {
				client.Send(`{"type":"ping"}`)
				client.Expect("pong") // and nothing before it
			}
		})
	}
}

func TestRoomsWorkAgainAfterFlushall(t *testing.T) {
	t.Parallel()
	c, one, other := two(t)
	room, ana := "sos:"+newID(), newID()
	c.auth.let(room, ana)
	there, _ := other.connect(ana)
	join(there, room)
	pool := c.pool()
	if _, err := pool.Do(t.Context(), "FLUSHALL"); err != nil {
		t.Fatal(err)
	}
	eventually.True(t, "the room is occupied again", func() bool {
		count, err := pool.Do(t.Context(), "ZCARD", "ws_room:"+room)
		return err == nil && count == int64(1)
	})
	one.happen(room, "event")
	if m := there.Expect("event"); m.ID != "event" {
		t.Errorf("%s", m.Raw)
	}
}
