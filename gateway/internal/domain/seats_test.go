package domain_test

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/loveapp/backend/gateway/internal/domain"
)

func TestASocketTakesASeatOfItsUserAndOfItsAddress(t *testing.T) {
	t.Parallel()
	var (
		site     = netip.MustParseAddr("2001:db8:1:2:3::4")
		carrier  = netip.MustParseAddr("100.64.0.1")
		alice    = domain.User("alice")
		both     = domain.Seats{User: 20, Address: 100}
		siteName = domain.Address(netip.MustParseAddr("2001:db8:1:2::"))
	)
	for name, c := range map[string]struct {
		seats  domain.Seats
		caller domain.Caller
		shared bool
		want   []domain.Seat
	}{
		"a user":                 {both, domain.Caller{Known: alice, Address: site}, false, []domain.Seat{{alice, 20}, {siteName, 100}}},
		"somebody":               {both, domain.Caller{Address: site}, false, []domain.Seat{{siteName, 100}}},
		"behind a carrier":       {both, domain.Caller{Address: carrier}, true, []domain.Seat{{domain.Address(carrier), 5000}}},
		"no limits":              {domain.Seats{}, domain.Caller{Known: alice, Address: site}, false, nil},
		"only users are counted": {domain.Seats{User: 2}, domain.Caller{Known: alice, Address: site}, false, []domain.Seat{{alice, 2}}},
		"from nowhere":           {both, domain.Caller{}, false, nil},
	} {
		if diff := cmp.Diff(c.want, c.seats.Of(c.caller, c.shared)); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}
