package proxy

import (
	"context"
	"net/http"
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
)

// exchange is the context of a request on its way. It keeps the context as it
// was before ReverseProxy put its own trace into it.
type exchange struct {
	context.Context           //nolint:containedctx // it is a context
	answered        func()    // stops the clock of an answer that has no end of its own
	forAll          bool      // the answer may be kept for everybody
	until           time.Time // where Context has no deadline of its own: when the whole answer must be there
	repeatable      bool      // the request means the same when it arrives twice
}

type exchangeKey struct{}

// Value makes the exchange findable from every context derived from it.
func (x *exchange) Value(key any) any {
	if key == (exchangeKey{}) {
		return x
	}
	return x.Context.Value(key)
}

func exchangeFrom(ctx context.Context) *exchange {
	if x, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		return x
	}
	return &exchange{Context: ctx, answered: nothing}
}

func nothing() {}

// longest is how long net/http would let a request take by itself: the read
// deadline set for its body goes on behind it and cancels the handler.
const longest = 15 * time.Second

// liftDeadlines: the body is in memory already. Each piece of a stream has a time of its own.
func liftDeadlines(w http.ResponseWriter, route domain.Route) {
	conn := http.NewResponseController(w)
	_ = conn.SetReadDeadline(time.Time{})
	_ = conn.SetWriteDeadline(time.Now().Add(route.Timeout + longest))
}

// begin bounds the whole exchange by the connection's deadline, without a context of its own.
func (*direct) begin(w http.ResponseWriter, r *http.Request, route domain.Route) (x *exchange, end context.CancelCauseFunc) {
	if route.Timeout > longest {
		liftDeadlines(w, route)
	}
	return &exchange{Context: r.Context(), answered: nothing, forAll: route.CacheFor > 0, until: time.Now().Add(route.Timeout)}, func(error) {}
}

// begin bounds the exchange by the route's time: the whole answer, or its
// header where the answer is a stream.
func (transported) begin(w http.ResponseWriter, r *http.Request, route domain.Route) (x *exchange, end context.CancelCauseFunc) {
	if route.Kind == domain.Events || route.Timeout > longest {
		liftDeadlines(w, route)
	}
	if route.Kind != domain.Events {
		ctx, cancel := context.WithTimeout(r.Context(), route.Timeout)
		return &exchange{Context: ctx, answered: nothing, forAll: route.CacheFor > 0}, func(error) { cancel() }
	}
	ctx, cancel := context.WithCancelCause(r.Context())
	clock := time.AfterFunc(route.Timeout, func() { cancel(errNoAnswer) })
	return &exchange{Context: ctx, answered: func() { clock.Stop() }}, func(cause error) { clock.Stop(); cancel(cause) }
}
