package domain

import "net/netip"

// Caller is who sends a request: Known where a token said so, else only from where.
type Caller struct {
	Known   Client
	Address netip.Addr
}

// Client is whom the limits count.
func (c Caller) Client() Client {
	if c.Known != "" {
		return c.Known
	}
	return Address(c.Address)
}
