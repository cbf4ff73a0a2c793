package sos_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"

	"github.com/loveapp/backend/sos/sostest"
)

func has(shown []sostest.Shown, want sostest.Shown) bool { return slices.Contains(shown, want) }

func TestWhoFollowsATicketSeesEverythingAsItHappens(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	c.ann.post(c.path("/locations"), fixes(3)).is(http.StatusAccepted)
	c.mum.command(c.ticket, "acknowledge").is(http.StatusOK)
	c.ben.post(c.path("/comment"), `{"note":"on my way"}`).is(http.StatusOK)
	c.ann.post(c.path("/resolve"), `{"outcome":"safe"}`).is(http.StatusOK)
	c.AwaitShown(func(shown []sostest.Shown, closed []string) bool {
		return has(shown, sostest.Shown{TicketID: c.ticket, Event: "status", Status: "pending", Kind: "sent"}) &&
			has(shown, sostest.Shown{TicketID: c.ticket, Event: "location", Status: "pending", Longitude: 3.25, HasPlace: true}) &&
			has(shown, sostest.Shown{TicketID: c.ticket, Event: "acknowledged", Status: "pending", Kind: "acknowledged"}) &&
			has(shown, sostest.Shown{TicketID: c.ticket, Event: "comment", Status: "pending", Kind: "comment"}) &&
			has(shown, sostest.Shown{TicketID: c.ticket, Event: "status", Status: "resolved", Kind: "resolved"}) &&
			slices.Equal(closed, []string{c.ticket})
	})
}

func TestWhoAcknowledgesByTheirLinkIsShown(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	_, own := c.ann.shares(c.ticket, `{"contactId":"`+c.ann.contactOf("Mum")+`"}`)
	c.mum.byLink("ack", own).is(http.StatusOK)
	c.AwaitShown(func(shown []sostest.Shown, _ []string) bool {
		return has(shown, sostest.Shown{TicketID: c.ticket, Event: "acknowledged", Status: "pending", Kind: "acknowledged"})
	})
}

func TestTheEndOfACountdownIsShown(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann := newPerson(t, s, "Ann")
	id := ann.opened(`{"countdownSeconds":10}`)
	s.Advance(11_000_000_000)
	s.AwaitShown(func(shown []sostest.Shown, _ []string) bool {
		return has(shown, sostest.Shown{TicketID: id, Event: "status", Status: "pending", Kind: "sent"})
	})
}

func TestRoomsThatAreAwayHoldNobodyUp(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	c.FailRooms(errors.New("down"))
	for i := range 5 {
		c.ann.post(c.path("/locations"), fixes(i)).is(http.StatusAccepted)
		c.ben.post(c.path("/comment"), `{"note":"hello"}`).is(http.StatusOK)
	}
	c.ann.post(c.path("/resolve"), `{"outcome":"safe"}`).is(http.StatusOK)
	c.FailRooms(nil)
	c.AwaitShown(func(_ []sostest.Shown, closed []string) bool { return slices.Contains(closed, c.ticket) })
}
