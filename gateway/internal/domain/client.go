package domain

import "net/netip"

// ipv6Site is the prefix that one customer gets (RFC 6177): addresses within it cost nothing.
const ipv6Site = 64

// Client is who a limit counts for.
type Client string

// User is somebody whose token is good.
func User(id string) Client { return Client("u:" + id) }

// Session is one sign-in of somebody.
func Session(id string) Client { return Client("s:" + id) }

// Address is whoever sends from there; for IPv6 the whole /64.
func Address(addr netip.Addr) Client {
	addr = addr.Unmap()
	if addr.Is6() {
		if prefix, err := addr.WithZone("").Prefix(ipv6Site); err == nil {
			addr = prefix.Addr()
		}
	}
	return Client("a:" + addr.String())
}
