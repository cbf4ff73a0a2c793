package journeys_test

import (
	"slices"
	"testing"

	"github.com/loveapp/backend/test/world"
)

// drills makes ada call for help n times, each time cancelled, and gives the
// kinds of what her contact is told: two notifications a time.
func drills(ada *world.Person, n int) {
	for range n {
		ticket := ada.CallForHelp(medical()).Ticket
		ada.Command(ticket.ID, "cancel", nil).Want(200)
	}
}

func TestAPhoneThatWasAwayMissesNothing(t *testing.T) {
	t.Parallel()
	everywhere(t, world.Size{}, func(t *testing.T, w world.World) {
		ada, bob := world.SignUp(t, w, "Ada"), world.SignUp(t, w, "Bob")
		ada.Trusts(bob)
		before := bob.Connect()
		drills(ada, 1)
		before.Expect("notification")
		seen := before.Expect("notification").Seq
		before.Close()

		drills(ada, 2)
		after := bob.Connect()
		wantSeqs(t, after.CatchUp(seen, seen+4), seen+1, seen+2, seen+3, seen+4)
		drills(ada, 1)
		after.Expect("notification")
		after.Expect("notification")

		third := bob.Connect()
		wantSeqs(t, third.CatchUp(0, seen+6), 1, 2, 3, 4, 5, 6, 7, 8)
		third.Say(map[string]any{"type": "resume", "after": 1000})
		if reset := third.Expect("reset"); reset.Seq != seen+6 {
			t.Errorf("resuming beyond the newest resets to %d, want %d", reset.Seq, seen+6)
		}
	})
}

func wantSeqs(t *testing.T, got []world.Notification, want ...int64) {
	t.Helper()
	var seqs []int64
	for _, n := range got {
		seqs = append(seqs, n.Seq)
	}
	if !slices.Equal(seqs, want) {
		t.Errorf("the seqs are %v, want %v", seqs, want)
	}
}

func TestTheBadgeAgreesOnEveryDevice(t *testing.T) {
	t.Parallel()
	everywhere(t, world.Size{}, func(t *testing.T, w world.World) {
		ada, bob := world.SignUp(t, w, "Ada"), world.SignUp(t, w, "Bob")
		ada.Trusts(bob)
		tablet := bob.OnAnotherDevice()
		phone, screen := bob.Connect(), tablet.Connect()

		drills(ada, 2)
		for _, s := range []*world.Socket{phone, screen} {
			for range 4 {
				s.Expect("notification")
			}
		}
		inbox := bob.Inbox()
		if len(inbox.Items) != 4 || inbox.UnreadCount != 4 || tablet.Unread() != 4 {
			t.Fatalf("the inbox has %d items, %d unread", len(inbox.Items), inbox.UnreadCount)
		}

		bob.MarkRead(inbox.Items[0].ID)
		read := screen.Expect("read")
		if !slices.Equal(read.IDs, []string{inbox.Items[0].ID}) || read.UnreadCount != 3 {
			t.Errorf("the tablet is told %s", read.Raw)
		}
		if got := tablet.Inbox(); got.UnreadCount != 3 || got.Items[0].ReadAt == nil || got.Items[1].ReadAt != nil {
			t.Errorf("on the tablet the inbox is %+v", got)
		}
		if updated := tablet.MarkAllRead(); updated != 3 {
			t.Errorf("reading all updates %d, want the 3 that were unread", updated)
		}
		phone.AwaitUnread(0)
		if bob.Unread() != 0 {
			t.Errorf("the phone still shows %d", bob.Unread())
		}
	})
}

func TestTheInboxIsReadPageByPage(t *testing.T) {
	t.Parallel()
	everywhere(t, world.Size{}, func(t *testing.T, w world.World) {
		ada, bob := world.SignUp(t, w, "Ada"), world.SignUp(t, w, "Bob")
		ada.Trusts(bob)
		phone := bob.Connect()
		drills(ada, 3)
		for range 6 {
			phone.Expect("notification")
		}
		var all []world.Notification
		page := bob.InboxPage(4, "")
		for all = page.Items; page.NextCursor != nil; all = append(all, page.Items...) {
			page = bob.InboxPage(4, *page.NextCursor)
		}
		wantSeqs(t, all, 6, 5, 4, 3, 2, 1)
	})
}

func TestABrowserConnectsWithATicket(t *testing.T) {
	t.Parallel()
	everywhere(t, world.Size{}, func(t *testing.T, w world.World) {
		ada := world.SignUp(t, w, "Ada")
		ada.ConnectWithTicket().ExpectNothingElse()

		late := ada.ConnectSilently()
		late.Say(map[string]any{"type": "auth", "token": ada.Tokens.AccessToken})
		if hello := late.Expect("connected"); hello.UserID != ada.ID() {
			t.Errorf("the first frame signs in %q", hello.UserID)
		}
		stranger := ada.ConnectSilently()
		stranger.Say(map[string]any{"type": "auth", "token": "x.y.z"})
		stranger.ExpectClose(world.Patience, unauthenticated)
	})
}
