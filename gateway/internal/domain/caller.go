package domain

import (
	"context"
	"net/netip"
)

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

type callerKey struct{}

// WithCaller tells those further inside who sends the request.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// CallerFrom gives what WithCaller told; else nobody.
func CallerFrom(ctx context.Context) Caller {
	c, _ := ctx.Value(callerKey{}).(Caller)
	return c
}
