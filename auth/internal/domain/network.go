package domain

import "net/netip"

// ipv6Site is the prefix that one customer gets (RFC 6177): addresses within it cost nothing.
const ipv6Site = 64

// Network is whom guesses from there are counted for: an IPv4 address, or the
// /64 of an IPv6 one. "" where it is not known.
func (o Origin) Network() string {
	addr, err := netip.ParseAddr(o.IP)
	if err != nil {
		return ""
	}
	addr = addr.Unmap().WithZone("")
	if addr.Is4() {
		return addr.String()
	}
	return netip.PrefixFrom(addr, ipv6Site).Masked().String()
}
