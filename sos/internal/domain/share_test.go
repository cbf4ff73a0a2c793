package domain_test

import (
	"errors"
	"testing"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

func shared(t *testing.T) (*domain.Case, domain.Share) {
	t.Helper()
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	c := domain.Open("t", domain.Press{Reporter: "ann", Type: domain.Fire, Location: &domain.Location{Latitude: 1}}, domain.Desk{
		Now: now, ReporterName: "Ann Archer", Helpers: []domain.Recipient{{Contact: "c", User: "mum", Name: "Mum"}},
		Standing: domain.Standing{Policy: domain.DefaultPolicy()},
	})
	s, err := c.Share("s", "c", "ignored", 0, domain.Actor{User: "ann", Roles: domain.Reporter}, now)
	if err != nil {
		t.Fatal(err)
	}
	return c, s
}

func TestALinkEndsADayAfterTheEmergencyAndAfterAWeekAtTheLatest(t *testing.T) {
	t.Parallel()
	c, s := shared(t)
	if got := s.EndsAt(c.Ticket).Sub(s.CreatedAt); got != 7*24*time.Hour {
		t.Errorf("an open ticket: %s", got)
	}
	closed := s.CreatedAt.Add(time.Hour)
	c.Ticket.ClosedAt = &closed
	if got := s.EndsAt(c.Ticket).Sub(closed); got != 24*time.Hour {
		t.Errorf("after the end: %s", got)
	}
	late := s.CreatedAt.Add(7*24*time.Hour - time.Hour)
	c.Ticket.ClosedAt = &late
	if got := s.EndsAt(c.Ticket); !got.Equal(s.ExpiresAt) || s.Good(c.Ticket, got) || !s.Good(c.Ticket, got.Add(-time.Second)) {
		t.Errorf("closed late: %s", got)
	}
	s.RevokedAt = &closed
	if s.Good(c.Ticket, s.CreatedAt) {
		t.Error("revoked, and good")
	}
}

func TestALinkShowsTheFirstNameAndThePlaceWhileHelpIsNeeded(t *testing.T) {
	t.Parallel()
	c, s := shared(t)
	if v := s.View(c.Ticket); v.Reporter != "Ann" || v.Location == nil || !v.CanAcknowledge || v.Status != domain.Pending {
		t.Errorf("open: %+v", v)
	}
	if by := s.Holder(c); by.User != "mum" || by.Roles != domain.Helper {
		t.Errorf("held by %+v", by)
	}
	if err := c.Resolve(domain.Actor{User: "ann", Roles: domain.Reporter}, domain.Safe, "", s.CreatedAt.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if v := s.View(c.Ticket); v.Location != nil || v.CanAcknowledge || v.Outcome != domain.Safe {
		t.Errorf("closed: %+v", v)
	}
}

func TestOnlyTheReporterMakesLinksAndOnlyToOpenTickets(t *testing.T) {
	t.Parallel()
	c, s := shared(t)
	for name, test := range map[string]struct {
		by      domain.Roles
		contact domain.ContactID
		others  int
		want    error
	}{
		"a contact":         {domain.Helper, "", 0, domain.ErrForbidden},
		"a dispatcher":      {domain.Dispatcher, "", 0, domain.ErrForbidden},
		"the twenty-first":  {domain.Reporter, "", 20, domain.ErrShareLimit},
		"the twentieth":     {domain.Reporter, "", 19, nil},
		"for nobody's link": {domain.Reporter, "", 0, nil},
	} {
		if _, err := c.Share("x", test.contact, "", test.others, domain.Actor{Roles: test.by}, s.CreatedAt); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := c.Share("x", "stranger", "", 0, domain.Actor{Roles: domain.Reporter}, s.CreatedAt); err == nil {
		t.Error("a link for somebody whom it was not sent to")
	}
	if err := c.Cancel(domain.Actor{User: "ann", Roles: domain.Reporter}, "", s.CreatedAt); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Share("x", "", "", 0, domain.Actor{Roles: domain.Reporter}, s.CreatedAt); !errors.Is(err, domain.ErrTicketClosed) {
		t.Errorf("closed: %v", err)
	}
}
