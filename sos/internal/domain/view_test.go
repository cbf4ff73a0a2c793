package domain_test

import (
	"testing"

	"github.com/loveapp/backend/sos/internal/domain"
)

func TestWhoSeesWhat(t *testing.T) {
	t.Parallel()
	const nobody, clock = domain.Roles(0), domain.Clock
	for _, c := range []struct {
		field  domain.Field
		open   []domain.Roles // who sees it while help is needed
		closed []domain.Roles
	}{
		{domain.ViewTicket, []domain.Roles{domain.Reporter, domain.Helper, domain.Dispatcher, domain.Follower}, []domain.Roles{domain.Reporter, domain.Helper, domain.Dispatcher, domain.Follower}},
		{domain.ViewLocation, []domain.Roles{domain.Reporter, domain.Helper, domain.Dispatcher, domain.Follower}, []domain.Roles{domain.Reporter, domain.Dispatcher}},
		{domain.ViewShares, []domain.Roles{domain.Reporter}, []domain.Roles{domain.Reporter}},
		{domain.ViewGuest, []domain.Roles{domain.Dispatcher}, []domain.Roles{domain.Dispatcher}},
	} {
		for _, status := range domain.Statuses() {
			seers := c.open
			if status.Closed() {
				seers = c.closed
			}
			for _, role := range []domain.Roles{nobody, clock, domain.Reporter, domain.Helper, domain.Dispatcher, domain.Follower} {
				want := false
				for _, seer := range seers {
					want = want || seer == role
				}
				if got := domain.CanView(domain.Actor{Roles: role}, domain.Ticket{Status: status}, c.field); got != want {
					t.Errorf("field %d, %s, role %d: %v", c.field, status, role, got)
				}
			}
		}
	}
}

func TestATicketIsShownWithoutWhatIsNotForTheViewer(t *testing.T) {
	t.Parallel()
	full := domain.Ticket{Status: domain.Resolved, Location: &domain.Location{Latitude: 1}, Address: "here", GuestPhone: "1", GuestAddress: "a", LowTrust: true}
	if got := full.SeenBy(domain.Actor{Roles: domain.Helper}); got.Location != nil || got.Address != "" || got.GuestPhone != "" || got.GuestAddress != "" || got.LowTrust {
		t.Errorf("a contact sees %+v", got)
	}
	if got := full.SeenBy(domain.Actor{Roles: domain.Dispatcher}); got.Location == nil || got.Address == "" || got.GuestPhone == "" || got.GuestAddress != "" || !got.LowTrust {
		t.Errorf("a dispatcher sees %+v", got)
	}
}
