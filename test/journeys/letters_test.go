package journeys_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/loveapp/backend/test/world"
)

// writing runs a journey where mails and texts are written into a folder.
func writing(t *testing.T, journey func(t *testing.T, w world.Writing)) {
	t.Helper()
	lasting(t, world.Size{}, func(t *testing.T, w world.Restartable) {
		folder, ok := w.(world.Writing)
		if !ok {
			t.Fatal("this world writes nothing down")
		}
		journey(t, folder)
	})
}

// without is somebody who has no app, and an address.
type without struct {
	name, address string
	details       map[string]any
	follow        string // the link, in their language
}

func gran() without {
	return without{"Gran", "gran@example.com", map[string]any{"name": "Gran", "email": "gran@example.com", "locale": "fr"}, "Suivez"}
}

func uncle() without {
	return without{"Uncle", "+4915112345678", map[string]any{"name": "Uncle", "phone": "+49 151 12345678"}, "Follow"}
}

// byToken asks as somebody does who has nothing but a link.
func byToken(nobody *world.Person, path, link string, more map[string]any) world.Answer {
	_, token, _ := strings.Cut(link, "#")
	body := map[string]any{"token": token}
	maps.Copy(body, more)
	return nobody.Do(world.Call{Method: http.MethodPost, Path: "/v1/sos/public/" + path, Body: body})
}

func TestSomebodyWithoutTheAppIsAskedAlarmedAndAnswers(t *testing.T) {
	t.Parallel()
	for kind, contact := range map[string]without{"by mail": gran(), "by text": uncle()} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			writing(t, func(t *testing.T, w world.Writing) {
				ada, nobody := world.SignUp(t, w, "Ada"), world.Visitor(t, w)
				var added world.Contact
				ada.Do(world.Call{Method: http.MethodPost, Path: "/v1/sos/contacts", Body: contact.details}).Want(http.StatusCreated).Into(&added)
				question := world.ExpectWritten(t, w, contact.address, "/consent#")
				if !strings.HasPrefix(question.Link(), w.Gateways()[0]+"/consent#") || strings.Contains(question.Text, added.InviteToken) || !strings.Contains(question.Text, contact.follow) {
					t.Fatalf("asked: %+v", question)
				}

				early := ada.CallForHelp(medical()).Ticket // before consent nobody is told
				ada.Command(early.ID, "cancel", nil).Want(http.StatusOK)
				var agreed world.Acceptance
				byToken(nobody, "contact-consents", question.Link(), map[string]any{"accept": true}).Want(http.StatusOK).Into(&agreed)
				if agreed.Status != "active" || agreed.OwnerName != "Ada" {
					t.Errorf("agreed: %+v", agreed)
				}

				called := ada.CallForHelp(medical())
				if called.ContactsNotified != 1 {
					t.Errorf("%d contacts notified", called.ContactsNotified)
				}
				alarm := world.ExpectWritten(t, w, contact.address, "/track#")
				if !strings.HasPrefix(alarm.Link(), w.Gateways()[0]+"/track#") || strings.Contains(alarm.Text, "52.52") || !strings.Contains(alarm.Text, contact.follow) {
					t.Fatalf("alarmed: %+v", alarm)
				}
				var view struct {
					Status         string     `json:"status"`
					Location       *world.Fix `json:"location"`
					CanAcknowledge bool       `json:"canAcknowledge"`
				}
				byToken(nobody, "track", alarm.Link(), nil).Want(http.StatusOK).Into(&view)
				if view.Location == nil || view.Location.Latitude != downtown().Latitude || !view.CanAcknowledge {
					t.Errorf("the link shows %+v", view)
				}
				byToken(nobody, "ack", alarm.Link(), nil).Want(http.StatusOK)
				var seen world.Ticket
				ada.Look(called.Ticket.ID).Want(http.StatusOK).Into(&seen)
				if seen.AcknowledgedBy == nil || *seen.AcknowledgedBy != (world.Actor{Kind: "contact", Name: contact.name}) {
					t.Errorf("acknowledged by %+v", seen.AcknowledgedBy)
				}

				ada.Command(called.Ticket.ID, "resolve", map[string]any{"outcome": "safe"}).Want(http.StatusOK)
				world.ExpectNumberWritten(t, w, contact.address, 3) // the question, the alarm, its end
			})
		})
	}
}
