// Package request carries what is known about the request in hand: its id, the
// route it matched and the address it came from.
package request

import (
	"context"
	"log/slog"
	"net/netip"
	"time"
)

// Info is filled by httpserver as the request travels inwards. It belongs to
// one request and is written only by the goroutine that serves it.
type Info struct {
	ID       string     // X-Request-Id: the client's where valid, else a new one
	Pattern  string     // the matched route, for logs and metrics; "" before routing
	ClientIP netip.Addr // the right-most address that no trusted proxy vouches for
	Logger   *slog.Logger

	began  time.Time
	atHead func(began time.Time)
}

// OnHead has f called once with that time: as the head of the answer goes out,
// however long its body is read then, or by whoever calls Headed before.
func (i *Info) OnHead(began time.Time, f func(began time.Time)) { i.began, i.atHead = began, f }

// Headed tells that the head of the answer goes out. More heads change nothing.
func (i *Info) Headed() {
	if f := i.atHead; f != nil {
		i.atHead = nil
		f(i.began)
	}
}

type contextKey struct{}

// With puts info into the context.
func With(ctx context.Context, info *Info) context.Context {
	return context.WithValue(ctx, contextKey{}, info)
}

// From gives the request's info, an empty one outside a request.
func From(ctx context.Context) *Info {
	if info, ok := ctx.Value(contextKey{}).(*Info); ok {
		return info
	}
	return &Info{Logger: slog.Default()}
}
