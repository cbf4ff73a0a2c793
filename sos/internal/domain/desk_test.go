package domain_test

import (
	"errors"
	"testing"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

var noon = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)

func closedCase(p domain.Press) *domain.Case {
	c := domain.Open("t", p, domain.Desk{Now: noon})
	if err := c.Cancel(domain.Actor{User: p.Reporter, Roles: domain.Reporter}, "", noon); err != nil {
		panic(err)
	}
	return &domain.Case{Ticket: c.Ticket}
}

func TestAReplayDoesNotMoveATicketThatIsClosed(t *testing.T) {
	t.Parallel()
	p := domain.Press{Reporter: "ann", Location: &domain.Location{Latitude: 1}}
	desk := domain.Desk{Now: noon.Add(time.Hour), Earlier: closedCase(p)}
	p.Location = &domain.Location{Latitude: 2}
	taking, err := desk.Take("t", p)
	if err != nil || taking.Case.Changed() || taking.Case.Ticket.Location.Latitude != 1 {
		t.Errorf("moved to %+v (%v)", taking.Case.Ticket.Location, err)
	}
}

func TestAKeyStandsForItsClosedTicketForADay(t *testing.T) {
	t.Parallel()
	p := domain.Press{Reporter: "ann"}
	for after, outlived := range map[time.Duration]bool{24 * time.Hour: false, 24*time.Hour + time.Second: true} {
		_, err := domain.Desk{Now: noon.Add(after), Earlier: closedCase(p)}.Take("t", p)
		e, is := errors.AsType[*domain.KeyOutlivedError](err)
		if is != outlived || is && e.Date != "2030-01-02" {
			t.Errorf("after %v: %v", after, err)
		}
	}
	open := domain.Open("t", p, domain.Desk{Now: noon})
	if taking, err := (domain.Desk{Now: noon.Add(48 * time.Hour), Earlier: open}).Take("t", p); err != nil || !taking.Replayed {
		t.Errorf("a ticket that is still open after two days: %v", err)
	}
}

func TestACountdownThatEndsLateSaysHowLate(t *testing.T) {
	t.Parallel()
	c := domain.Open("t", domain.Press{Reporter: "ann", Countdown: 10 * time.Second}, domain.Desk{Now: noon})
	c = &domain.Case{Ticket: c.Ticket}
	if err := c.CountdownOver(noon.Add(9 * time.Second)); err != nil || c.Changed() {
		t.Fatalf("ended early (%v)", err)
	}
	if err := c.CountdownOver(noon.Add(75 * time.Second)); err != nil || c.Ticket.Status != domain.Pending {
		t.Fatalf("%s (%v)", c.Ticket.Status, err)
	}
	if late := c.Events()[0].Data["lateByMs"]; late != int64(65_000) {
		t.Errorf("late by %v ms", late)
	}
}

func TestARePressFillsWhatTheTicketDoesNotKnowAndKeepsWhatItDoes(t *testing.T) {
	t.Parallel()
	open := domain.Open("t", domain.Press{Reporter: "ann", Type: domain.OtherType, Address: "12 Main St"}, domain.Desk{Now: noon})
	open = &domain.Case{Ticket: open.Ticket}
	taking, err := domain.Desk{Now: noon, Open: open}.Take("u", domain.Press{Reporter: "ann", Type: domain.Fire, Description: "smoke", Address: "elsewhere"})
	if err != nil {
		t.Fatal(err)
	}
	k := taking.Case.Ticket
	if k.ID != "t" || k.Type != domain.Fire || k.Description != "smoke" || k.Address != "12 Main St" || k.Priority != domain.High {
		t.Errorf("the ticket: %+v", k)
	}
	for range 3 {
		if taking, err = (domain.Desk{Now: noon, Open: taking.Case}).Take("u", domain.Press{Reporter: "ann", Type: domain.Theft}); err != nil {
			t.Fatal(err)
		}
	}
	if k := taking.Case.Ticket; k.Type != domain.Fire || k.Priority != domain.Critical {
		t.Errorf("after three more: %s, %s", k.Type, k.Priority)
	}
}
