package app_test

import (
	"net/netip"
	"testing"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/eventually"
)

var (
	carrier = netip.MustParseAddr("198.51.100.7")
	site    = netip.MustParseAddr("2001:db8:1:2::3")
)

func (i *instance) admit(t *testing.T, from netip.Addr) (domain.Origin, bool) {
	t.Helper()
	return i.Admit(t.Context(), from)
}

// crowding of 4 makes every socket worth telling.
func crowding() domain.Crowding { return domain.Crowding{Most: 4} }

func TestAnAddressHasSoManySocketsOnAllInstancesTogether(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.crowding = crowding()
	one, two := w.start(t, quick()), w.start(t, quick())
	var admitted domain.Origin
	for n := range 4 {
		i := []*instance{one, two}[n%2]
		origin, ok := i.admit(t, site)
		if !ok {
			t.Fatalf("socket %d is refused", n)
		}
		admitted = origin
	}
	for name, from := range map[string]netip.Addr{"the same address": site, "another of the same /64": netip.MustParseAddr("2001:db8:1:2:ffff::1")} {
		if _, ok := one.admit(t, from); ok {
			t.Errorf("%s has a fifth", name)
		}
	}
	if _, ok := two.admit(t, netip.MustParseAddr("2001:db8:1:3::3")); !ok {
		t.Error("another site is refused")
	}
	two.Depart(admitted)
	eventually.True(t, "a place that has become free is given elsewhere", func() bool {
		_, ok := one.admit(t, site)
		return ok
	})
}

func TestSocketsOfAnInstanceThatHasDiedDoNotCount(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.crowding = crowding()
	one, two := w.start(t, shortLived()), w.start(t, shortLived())
	for range 4 {
		if _, ok := two.admit(t, carrier); !ok {
			t.Fatal("refused")
		}
	}
	two.stop()
	eventually.True(t, "its sockets are forgotten", func() bool {
		_, ok := one.admit(t, carrier)
		return ok
	})
}

func TestWithoutTheRegistryEachInstanceCountsForItself(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.crowding = crowding()
	one := w.start(t, quick())
	w.registry.Outage.Begin()
	for n := range 5 {
		if _, ok := one.admit(t, carrier); ok != (n < 4) {
			t.Errorf("socket %d: %t", n, ok)
		}
	}
}

func TestAnAddressThatManyShareHasRoomForThem(t *testing.T) {
	t.Parallel()
	c := domain.Crowding{Most: 4, Shared: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}}
	for from, want := range map[string]int{"198.51.100.7": 200, "::ffff:198.51.100.7": 200, "203.0.113.1": 4} {
		if got := c.MostFrom(netip.MustParseAddr(from)); got != want {
			t.Errorf("%s: %d, want %d", from, got, want)
		}
	}
	if got := (domain.Crowding{}).MostFrom(carrier); got != domain.MaxFromOrigin {
		t.Errorf("where nothing is said: %d", got)
	}
	if domain.OriginOf(netip.Addr{}).Known() {
		t.Error("nowhere is somewhere")
	}
}
