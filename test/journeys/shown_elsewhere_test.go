package journeys_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/loveapp/backend/test/world"
)

// What one device does to the inbox, the person's other devices show: which
// entries, and what the badge says now. How soon is logged, for whoever measures.
func TestWhatOneDeviceDoesToTheInboxTheOthersShow(t *testing.T) {
	t.Parallel()
	everywhere(t, world.Size{}, func(t *testing.T, w world.World) {
		ada, bob := world.SignUp(t, w, "Ada"), world.SignUp(t, w, "Bob")
		ada.Trusts(bob)
		screen := bob.OnAnotherDevice().Connect()
		drills(ada, 1)
		screen.Expect("notification")
		screen.Expect("notification")
		items := bob.Inbox().Items
		if len(items) != 2 {
			t.Fatalf("the inbox has %d items", len(items))
		}
		first, second := "/v1/notifications/items/"+items[0].ID, "/v1/notifications/items/"+items[1].ID
		for _, step := range []struct {
			method, path, shows, id string
			unread                  int
		}{
			{http.MethodPost, first + "/read", "read", items[0].ID, 1},
			{http.MethodPost, first + "/unread", "unread", items[0].ID, 2},
			{http.MethodDelete, second, "deleted", items[1].ID, 1},
			{http.MethodDelete, first, "deleted", items[0].ID, 0},
		} {
			asked := time.Now()
			bob.Do(world.Call{Method: step.method, Path: step.path}).Want(http.StatusNoContent)
			shown := screen.Expect(step.shows)
			t.Logf("%s: shown on the other device after %s", step.shows, time.Since(asked).Round(time.Millisecond))
			if !slices.Equal(shown.IDs, []string{step.id}) || shown.UnreadCount != step.unread {
				t.Errorf("the other device is told %s, want %s of %s and %d unread", shown.Raw, step.shows, step.id, step.unread)
			}
		}
		if left := bob.Inbox(); len(left.Items) != 0 || left.UnreadCount != 0 {
			t.Errorf("the inbox is %+v", left)
		}
	})
}
