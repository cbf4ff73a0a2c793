package journeys_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/loveapp/backend/test/world"
)

// downtown is where these people are in danger.
func downtown() *world.Fix { return &world.Fix{Latitude: 52.520008, Longitude: 13.404954} }

func medical() world.Alarm {
	return world.Alarm{EmergencyType: "medical", Description: "chest pain", Location: downtown()}
}

func TestSomebodyInDangerIsHeard(t *testing.T) {
	t.Parallel()
	everywhere(t, world.Size{}, func(t *testing.T, w world.World) {
		ada, bob, mallory := world.SignUp(t, w, "Ada"), world.SignUp(t, w, "Bob"), world.SignUp(t, w, "Mallory")

		invitation := ada.Invite("Bob")
		if invitation.Status != "invited" || !strings.Contains(invitation.InviteURL, invitation.InviteToken) {
			t.Errorf("the invitation is %+v, want one with a link", invitation)
		}
		var accepted world.Acceptance
		bob.Accept(invitation.InviteToken).Want(http.StatusOK).Into(&accepted)
		if accepted.Status != "active" || accepted.OwnerName != "Ada" {
			t.Errorf("Bob is told %+v, want that he is Ada's active contact", accepted)
		}
		bobsPhone, adasPhone := bob.Connect(), ada.Connect()

		key := world.NewKey()
		var first, again world.Triggered
		ada.Trigger(key, medical()).Want(http.StatusCreated).Into(&first)
		ticket := first.Ticket
		if ticket.Status != "pending" || ticket.Priority != "high" || ticket.EmergencyType != "medical" || first.ContactsNotified != 1 {
			t.Errorf("the ticket is %+v, %d contacts notified", ticket, first.ContactsNotified)
		}
		if len(first.EmergencyNumbers) == 0 {
			t.Error("the answer names no emergency number to dial meanwhile")
		}

		alarm := bobsPhone.ExpectNotification(promised, "sos.triggered", ticket.ID)
		if alarm.Category != "sos" || alarm.Priority != "critical" || alarm.Data["reporterName"] != "Ada" {
			t.Errorf("the alarm is %+v, want a critical one from Ada", alarm)
		}
		wantPlace(t, alarm.Data["location"])

		ada.Trigger(key, medical()).Want(http.StatusCreated).Into(&again)
		if again.Ticket.ID != ticket.ID {
			t.Errorf("the same key makes ticket %s, want %s again", again.Ticket.ID, ticket.ID)
		}
		bobsPhone.ExpectNothingElse()

		mallory.Look(ticket.ID).Refused(http.StatusNotFound, "not_found")
		mallory.Command(ticket.ID, "acknowledge", nil).Refused(http.StatusNotFound, "not_found")
		mallory.Command(ticket.ID, "cancel", nil).Refused(http.StatusNotFound, "not_found")

		var seen world.Ticket
		bob.Look(ticket.ID).Want(http.StatusOK).Into(&seen)
		if seen.Location == nil || seen.Location.Latitude != downtown().Latitude {
			t.Errorf("Bob sees the place %+v", seen.Location)
		}
		bob.Command(ticket.ID, "acknowledge", nil).Want(http.StatusOK).Into(&seen)
		if seen.AcknowledgedAt == nil || seen.AcknowledgedBy == nil || *seen.AcknowledgedBy != (world.Actor{Kind: "contact", Name: "Bob"}) {
			t.Errorf("acknowledged at %v by %+v, want by contact Bob", seen.AcknowledgedAt, seen.AcknowledgedBy)
		}
		adasPhone.ExpectNotification(world.Patience, "sos.acknowledged", ticket.ID)

		var closed world.Ticket
		ada.Command(ticket.ID, "resolve", map[string]any{"outcome": "safe"}).Want(http.StatusOK).Into(&closed)
		if closed.Status != "resolved" || closed.ClosedAt == nil || closed.Outcome == nil || *closed.Outcome != "safe" {
			t.Errorf("the ticket ends as %+v, want resolved and safe", closed)
		}
		bobsPhone.ExpectNotification(world.Patience, "sos.resolved", ticket.ID)
		ada.Command(ticket.ID, "cancel", nil).Refused(http.StatusConflict, "invalid_transition")
		eventually(t, "Bob's inbox says no more where it was", func() bool { return showsNoPlace(bob.Inbox()) })
	})
}

func showsNoPlace(inbox world.Inbox) bool {
	return !slices.ContainsFunc(inbox.Items, func(n world.Notification) bool { return n.Data["location"] != nil })
}

func wantPlace(t *testing.T, place any) {
	t.Helper()
	fix, _ := place.(map[string]any)
	if fix["latitude"] != downtown().Latitude || fix["longitude"] != downtown().Longitude {
		t.Errorf("the alarm's place is %v, want %+v", place, downtown())
	}
}

func TestAFalseAlarmIsTakenBack(t *testing.T) {
	t.Parallel()
	everywhere(t, world.Size{}, func(t *testing.T, w world.World) {
		ada, bob := world.SignUp(t, w, "Ada"), world.SignUp(t, w, "Bob")
		ada.Trusts(bob)
		bobsPhone := bob.Connect()

		ticket := ada.CallForHelp(world.Alarm{EmergencyType: "violence"}).Ticket
		bobsPhone.ExpectNotification(world.Patience, "sos.triggered", ticket.ID)
		var closed world.Ticket
		ada.Command(ticket.ID, "cancel", nil).Want(http.StatusOK).Into(&closed)
		if closed.Status != "cancelled" {
			t.Errorf("the ticket is %s, want cancelled", closed.Status)
		}
		bobsPhone.ExpectNotification(world.Patience, "sos.cancelled", ticket.ID)

		ada.Command(ticket.ID, "cancel", nil).Want(http.StatusOK) // a repeated command changes nothing
		bobsPhone.ExpectNothingElse()
		bob.Command(ticket.ID, "resolve", nil).Want(bobMayNot(bob, ticket.ID))
	})
}

// bobMayNot: a contact may see a ticket and not end it.
func bobMayNot(bob *world.Person, ticketID string) int {
	bob.Look(ticketID).Want(http.StatusOK)
	return http.StatusForbidden
}

func TestPressingAgainIsTheSameAlarm(t *testing.T) {
	t.Parallel()
	everywhere(t, world.Size{}, func(t *testing.T, w world.World) {
		ada, bob := world.SignUp(t, w, "Ada"), world.SignUp(t, w, "Bob")
		ada.Trusts(bob)
		bobsPhone := bob.Connect()

		ticket := ada.CallForHelp(medical()).Ticket
		bobsPhone.ExpectNotification(world.Patience, "sos.triggered", ticket.ID)
		var merged world.Triggered
		ada.Trigger(world.NewKey(), medical()).Want(http.StatusOK).Into(&merged)
		if merged.Ticket.ID != ticket.ID {
			t.Errorf("a second press makes ticket %s, want %s", merged.Ticket.ID, ticket.ID)
		}
		bobsPhone.ExpectNotification(world.Patience, "sos.triggered", ticket.ID)
	})
}

func TestAnInvitationIsForOnePersonOnce(t *testing.T) {
	t.Parallel()
	everywhere(t, world.Size{}, func(t *testing.T, w world.World) {
		ada, bob, eve := world.SignUp(t, w, "Ada"), world.SignUp(t, w, "Bob"), world.SignUp(t, w, "Eve")
		invitation := ada.Invite("Bob")

		if own := ada.Accept(invitation.InviteToken); own.Status != http.StatusConflict {
			t.Errorf("accepting one's own invitation answers %d, want 409", own.Status)
		}
		bob.Accept(invitation.InviteToken).Want(http.StatusOK)
		bob.Accept(invitation.InviteToken).Want(http.StatusOK) // a retry after a lost reply
		if late := eve.Accept(invitation.InviteToken); late.Status < 400 || late.Status >= 500 {
			t.Errorf("accepting a used invitation answers %d, want a refusal", late.Status)
		}
		ticket := ada.CallForHelp(medical()).Ticket
		eve.Look(ticket.ID).Refused(http.StatusNotFound, "not_found")
		if got := eve.Inbox(); len(got.Items) != 0 {
			t.Errorf("Eve is told %+v", got.Items)
		}
	})
}
