package proxy

import (
	"context"
	"errors"
	"net/http"

	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/problem"
)

var (
	errBadGateway = fault.New(fault.BadGateway, "bad_gateway", "The service broke the exchange off.")
	errTimeout    = fault.New(fault.Timeout, "upstream_timeout", "The service did not answer in time.")
	errNoAnswer   = errors.New("no answer in time")
)

// failed is the fault of an attempt that ended with err; the cause, with the
// instance's address, is for the log only.
func failed(err error, p domain.Progress) error {
	switch {
	case p == domain.NothingSent: // however long it took
		return errNoInstance.WithCause(err)
	case errors.Is(err, context.DeadlineExceeded):
		return errTimeout.WithCause(err)
	default:
		return errBadGateway.WithCause(err)
	}
}

// refuse answers a request that no instance has answered.
func (c *courier) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if x := exchangeFrom(r.Context()); errors.Is(x.Err(), context.Canceled) {
		if !errors.Is(context.Cause(x), errNoAnswer) {
			problem.Write(w, r, context.Canceled) // nobody is there to read it: 499 in the log
			return
		}
		err = errTimeout.WithCause(errNoAnswer)
	}
	f := fault.From(err)
	if f.Kind == fault.Internal { // ReverseProxy's own complaints
		f = errBadGateway.WithCause(err)
	}
	if c.route.Kind == domain.Trigger {
		f = f.WithExtra("fallback", domain.EmergencyFallback())
	}
	if circuit := c.fleet.circuit(); circuit != "" {
		w.Header().Set(circuitHeader, circuit)
	}
	problem.Write(w, r, f)
}
