package journeys_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/loveapp/backend/test/world"
)

// heard is a frame about a room.
type heard struct {
	Type, Room, Code, Event string
}

// hear reads on to the next frame about a room; notifications come on the same socket.
func hear(t *testing.T, phone *world.Socket) heard {
	t.Helper()
	for {
		frame, err := phone.Next(world.Patience)
		if err != nil {
			t.Fatalf("waiting for a frame about a room: %v", err)
		}
		var h heard
		if err := json.Unmarshal(frame.Raw, &h); err != nil {
			t.Fatal(err)
		}
		if h.Room != "" {
			return h
		}
	}
}

func want(t *testing.T, phone *world.Socket, w heard) {
	t.Helper()
	if got := hear(t, phone); got != w {
		t.Errorf("heard %+v, want %+v", got, w)
	}
}

func TestWhoMaySeeATicketFollowsItLiveUntilItIsClosed(t *testing.T) {
	t.Parallel()
	w := world.Embedded(t, world.OwnServers(t), world.Size{Services: 2})
	ada, bob, mallory := world.SignUp(t, w, "Ada"), world.SignUp(t, w, "Bob"), world.SignUp(t, w, "Mallory")
	ada.Trusts(bob)
	ticket := ada.CallForHelp(medical()).Ticket.ID
	room := "sos:" + ticket
	phones := map[string]*world.Socket{"ada": ada.Connect(), "bob": bob.Connect()}
	stranger := mallory.Connect()
	stranger.Say(map[string]any{"type": "join", "room": room})
	want(t, stranger, heard{Type: "error", Room: room, Code: "room_not_found"})
	for _, phone := range phones {
		phone.Say(map[string]any{"type": "join", "room": room})
		want(t, phone, heard{Type: "joined", Room: room})
	}
	bob.Command(ticket, "acknowledge", nil).Want(http.StatusOK)
	for _, phone := range phones {
		want(t, phone, heard{Type: "event", Room: room, Event: "acknowledged"})
	}
	ada.Command(ticket, "resolve", map[string]any{"outcome": "safe"}).Want(http.StatusOK)
	for name, phone := range phones {
		for out := false; !out; {
			switch got := hear(t, phone); got.Type {
			case "left":
				out = true
				if got.Code != "room_closed" {
					t.Errorf("%s left: %+v", name, got)
				}
			case "event": // the end may be shown before the door is shut
			default:
				t.Fatalf("%s heard %+v", name, got)
			}
		}
		phone.Say(map[string]any{"type": "join", "room": room})
		want(t, phone, heard{Type: "error", Room: room, Code: "room_not_found"})
	}
}
