package domain

import "net/netip"

// Origin is where connections come from as far as their number goes: an IPv4
// address, or the /64 of an IPv6 one, which is what one customer gets (RFC 6177).
// The zero value is nowhere: it is not counted.
type Origin [16]byte

const ipv6Site = 64

// OriginOf is where addr belongs to.
func OriginOf(addr netip.Addr) Origin {
	addr = addr.Unmap().WithZone("")
	if !addr.IsValid() {
		return Origin{}
	}
	if prefix, err := addr.Prefix(ipv6Site); addr.Is6() && err == nil {
		addr = prefix.Addr()
	}
	return Origin(addr.As16())
}

// Known tells whether it is somewhere.
func (o Origin) Known() bool { return o != Origin{} }

// sharedFactor is how many others an address of a carrier counts for: it puts
// thousands of phones behind one IPv4.
const sharedFactor = 50

// MaxFromOrigin is how many sockets one address may hold, on all instances
// together, where nothing else is configured: what nginx.conf allows.
const MaxFromOrigin = 1000

// Crowding says how many sockets may come from where. Its zero value is that of production.
type Crowding struct {
	Most   int            // from one origin; 0 = MaxFromOrigin
	Shared []netip.Prefix // behind these addresses many people are
}

// MostFrom is how many may come from addr's origin.
func (c Crowding) MostFrom(addr netip.Addr) int {
	most := c.Most
	if most <= 0 {
		most = MaxFromOrigin
	}
	for _, p := range c.Shared {
		if p.Contains(addr.Unmap().WithZone("")) {
			return most * sharedFactor
		}
	}
	return most
}

// Worth is from how many on the other instances need to know: what few hold is
// no crowd, and telling it would cost every phone a round trip.
func Worth(most int) int { return max(1, most/10) }
