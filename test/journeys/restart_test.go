package journeys_test

import (
	"net/http"
	"testing"

	"github.com/loveapp/backend/test/world"
)

func TestARestartLosesNothing(t *testing.T) {
	t.Parallel()
	lasting(t, world.Size{}, func(t *testing.T, w world.Restartable) {
		ada, bob := world.SignUp(t, w, "Ada"), world.SignUp(t, w, "Bob")
		ada.Trusts(bob)
		phone := bob.Connect()
		first := ada.CallForHelp(medical()).Ticket
		seen := phone.ExpectNotification(world.Patience, "sos.triggered", first.ID).Seq
		bob.Command(first.ID, "acknowledge", nil).Want(http.StatusOK)
		ada.Command(first.ID, "resolve", map[string]any{"outcome": "helped"}).Want(http.StatusOK)
		phone.ExpectNotification(world.Patience, "sos.resolved", first.ID)
		phone.Close() // before it could show the second one: it resumes after the first

		key := world.NewKey()
		var second, again world.Triggered
		ada.Trigger(key, medical()).Want(http.StatusCreated).Into(&second)
		w.Stop()
		w.Start()

		ada.Login().Want(http.StatusOK)
		ada.Profile().Want(http.StatusOK) // the token from before is still good
		bob.Renew()
		var kept world.Ticket
		bob.Look(first.ID).Want(http.StatusOK).Into(&kept)
		if kept.Status != "resolved" || kept.AcknowledgedBy == nil || kept.AcknowledgedBy.Name != "Bob" {
			t.Errorf("after the restart the ticket is %+v", kept)
		}
		ada.Trigger(key, medical()).Want(http.StatusCreated).Into(&again)
		if again.Ticket.ID != second.Ticket.ID {
			t.Errorf("after the restart the same key makes ticket %s, want %s", again.Ticket.ID, second.Ticket.ID)
		}

		missed := bob.Connect().CatchUp(seen, seen+2)
		wantSeqs(t, missed, seen+1, seen+2)
		if last := missed[len(missed)-1]; last.Kind() != "sos.triggered" || last.TicketID() != second.Ticket.ID {
			t.Errorf("the last of what Bob missed is %+v, want the second alarm", last)
		}
		if inbox := bob.Inbox(); len(inbox.Items) != 3 {
			t.Errorf("after the restart the inbox has %d entries, want 3", len(inbox.Items))
		}
	})
}

// A socket that is open when the services stop is told to come back, and does.
func TestASocketIsToldOfARestart(t *testing.T) {
	t.Parallel()
	lasting(t, world.Size{}, func(t *testing.T, w world.Restartable) {
		bob := world.SignUp(t, w, "Bob")
		phone := bob.Connect()
		w.Stop("notification")
		before := phone.ExpectClose(world.Patience, serviceRestart)
		if len(before) != 1 || before[0].Type != "reconnect" {
			t.Errorf("before the close come %+v, want one reconnect", before)
		}
		w.Start()
		bob.Connect().ExpectNothingElse()
	})
}

// serviceRestart is RFC 6455's registered close code 1012.
const serviceRestart = 1012
