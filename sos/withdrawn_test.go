package sos_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// Either side may take a consent back: by then nothing of the ticket is shown to
// whom it was sent, open or closed, while dispatchers and the timeline keep that it was.
func TestWhoIsAContactNoLongerSeesNothingMore(t *testing.T) {
	t.Parallel()
	for name, withdraw := range map[string]func(c scene, contact, token string){
		"removed by the owner": func(c scene, contact, _ string) {
			c.ann.do(http.MethodDelete, contactsPath+"/"+contact, "").is(http.StatusNoContent)
		},
		"taken back by themselves": func(c scene, _, token string) {
			for range 2 { // repeating it is no mistake
				if a := c.mum.post("/v1/sos/contact-invitations/decline", `{"token":"`+token+`"}`).is(http.StatusOK); a.str("status") != "declined" {
					c.mum.tb.Errorf("declined: %s", a.text)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newScene(t)
			dad := newPerson(t, c.SOS, "Dad")
			c.mum, dad = dad, c.mum // a contact whose invitation is at hand
			made := c.ann.post(contactsPath, `{"name":"Dad"}`).is(http.StatusCreated)
			c.mum.post("/v1/sos/contact-invitations/accept", `{"token":"`+made.str("inviteToken")+`"}`).is(http.StatusOK)
			c.ann.trigger("again", `{}`).is(http.StatusOK) // a press that joins brings who came since
			c.mum.get(c.path("")).is(http.StatusOK)
			_, link := c.ann.shares(c.ticket, `{"contactId":"`+made.str("id")+`"}`)
			c.mum.byLink("track", link).is(http.StatusOK)
			told := len(c.AwaitAlerts(5))

			withdraw(c, made.str("id"), made.str("inviteToken"))
			for _, path := range []string{"", "/timeline", "/trail"} {
				c.mum.get(c.path(path)).refused(http.StatusNotFound, "not_found")
			}
			c.mum.post(c.path("/calls"), "").refused(http.StatusNotFound, "not_found")
			c.mum.command(c.ticket, "acknowledge").refused(http.StatusNotFound, "not_found")
			c.mum.byLink("track", link).refused(http.StatusNotFound, "not_found")
			c.mum.byLink("ack", link).refused(http.StatusNotFound, "not_found")
			if n := len(c.mum.get("/v1/sos/tickets?scope=contact").is(http.StatusOK).items("items")); n != 0 {
				t.Errorf("%d tickets are listed", n)
			}
			if put := slices.Compact(c.PutOut()); len(put) != 1 || put[0] != c.ticket+" "+c.mum.id {
				t.Errorf("put out of the rooms: %v", put)
			}

			dad.command(c.ticket, "acknowledge").is(http.StatusOK) // who stays is not disturbed
			c.ann.command(c.ticket, "resolve").is(http.StatusOK)
			c.AwaitAlerts(told + 3)
			for _, a := range c.Alerts()[told:] {
				if a.Recipient == c.mum.id {
					t.Errorf("told %s", a.Kind)
				}
			}
			c.mum.get(c.path("")).refused(http.StatusNotFound, "not_found")
			if a := c.staff.get(c.path("/timeline")).is(http.StatusOK); !strings.Contains(a.text, "acknowledged") {
				t.Errorf("the timeline: %s", a.text)
			}
		})
	}
}
