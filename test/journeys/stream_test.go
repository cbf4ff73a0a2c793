package journeys_test

import (
	"strconv"
	"testing"

	"github.com/loveapp/backend/test/world"
)

// Where sockets cannot get through there are server-sent events: through the
// gateway, and in the real world through nginx, which must hold none of them back.
func TestAStreamOfEventsIsLiveAndGoesOnWhereItEnded(t *testing.T) {
	t.Parallel()
	everywhere(t, world.Size{}, func(t *testing.T, w world.World) {
		ada, bob := world.SignUp(t, w, "Ada"), world.SignUp(t, w, "Bob")
		ada.Trusts(bob)
		live := bob.Listen("")
		drills(ada, 1)
		seen := live.Expect("notification")
		alarm := seen.Frame.Notification
		if alarm == nil || alarm.Kind() != "sos.triggered" {
			t.Fatalf("the stream says %s", seen.Frame.Raw)
		}
		place := strconv.FormatInt(alarm.Seq, 10)
		if seen.ID != place && seen.ID != "" { // none where it overtakes: the place is not reached yet
			t.Errorf("%s stands under the id %q", seen.Frame.Raw, seen.ID)
		}
		cancelled := live.Expect("notification")
		bob.MarkRead(cancelled.Frame.Notification.ID)
		if read := live.Expect("read"); read.ID != "" || read.Frame.UnreadCount != 1 {
			t.Errorf("read: %s under the id %q", read.Frame.Raw, read.ID)
		}

		again := bob.Listen(place)
		if missed := again.Expect("notification"); missed.ID != cancelled.ID {
			t.Errorf("behind %s comes %s, want %s", place, missed.ID, cancelled.ID)
		}
		again.Expect("resumed")
		drills(ada, 1)
		for _, stream := range []*world.Stream{live, again} {
			stream.Expect("notification")
			stream.Expect("notification")
		}
	})
}
