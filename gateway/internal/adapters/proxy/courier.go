package proxy

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/shared/fault"
)

const maxRetries = 2

// alarmSearch is how long an alarm looks for an instance that takes it: after
// that the phone had better dial.
const (
	alarmSearch  = 2 * time.Second
	alarmPatient = 100 * time.Millisecond // for one instance, however many there are
)

var (
	errNoInstance = fault.New(fault.Unavailable, "unavailable", "The service cannot be reached right now. Try again shortly.").WithRetryAfter(time.Second)
	errOpen       = errNoInstance.WithRetryAfter(domain.BreakerPause)
)

// courier is the http.RoundTripper of one route: it chooses the instance, asks
// the breakers, and tries another instance where that is safe.
type courier struct {
	route domain.Route
	fleet *Fleet
	via   way
}

// RoundTrip sends the request on. Its context holds the exchange.
func (c *courier) RoundTrip(req *http.Request) (*http.Response, error) {
	return c.send(exchangeFrom(req.Context()), req)
}

func (c *courier) send(x *exchange, req *http.Request) (*http.Response, error) {
	x.repeatable = c.route.Repeatable(req.Method, req.Header.Get("Idempotency-Key"))
	if c.route.Kind == domain.Trigger {
		return c.raise(x, req)
	}
	done, err := c.fleet.breaker.Allow()
	if err != nil {
		c.fleet.watch.refused.WithLabelValues(string(c.fleet.service)).Inc()
		return nil, errOpen.WithCause(err)
	}
	c.fleet.budget.earn()
	resp, err := c.deliver(x, req)
	done(told(outcome(x, resp, err)))
	return resp, err
}

// deliver tries instances until one answers or another try would not be safe.
func (c *courier) deliver(x *exchange, req *http.Request) (*http.Response, error) {
	failure := error(errNoInstance)
	tried := make([]*Instance, 0, maxRetries+2)
	for sent := 0; ; {
		began := time.Now()
		i := c.fleet.choose(tried, began)
		if i == nil {
			return nil, failure
		}
		tried = append(tried, i)
		done, err := i.breaker.Allow()
		if err != nil {
			continue // ejected, or enough probes are under way
		}
		if sent > 0 {
			if !c.fleet.budget.spend() {
				done(errIgnored)
				return nil, failure
			}
			c.fleet.watch.retries.WithLabelValues(string(c.fleet.service)).Inc()
		}
		sent++
		resp, a, err := x.try(c.via, req, i, 0)
		done(told(outcome(x, resp, err)))
		if err == nil {
			if c.route.Kind == domain.Plain {
				i.pace.answered(time.Since(began))
			}
			return resp, nil
		}
		failure = failed(err, a.progress(err))
		if sent > maxRetries || x.Err() != nil || !domain.MayRetry(a.progress(err), x.repeatable) {
			return nil, failure
		}
	}
}

// raise delivers an alarm: no breaker and no budget stands in its way, and every
// instance is tried, those that are likely to answer first.
func (c *courier) raise(x *exchange, req *http.Request) (*http.Response, error) {
	failure := error(errNoInstance)
	until := time.Now().Add(alarmSearch)
	var tried []*Instance
	for {
		i := c.fleet.choose(tried, time.Now())
		if i == nil {
			return nil, failure
		}
		share := time.Until(until) / time.Duration(max(1, len(c.fleet.all())-len(tried)))
		tried = append(tried, i)
		resp, a, err := x.try(c.via, req, i, max(alarmPatient, share))
		if err == nil {
			return resp, nil
		}
		failure = failed(err, a.progress(err))
		if x.Err() != nil || time.Now().After(until) || !domain.MayRetry(a.progress(err), x.repeatable) {
			return nil, failure
		}
	}
}

// outcome is what an exchange says about whoever was asked.
func outcome(ctx context.Context, resp *http.Response, err error) domain.Outcome {
	switch {
	case err == nil:
		return domain.OutcomeOf(resp.StatusCode)
	case errors.Is(ctx.Err(), context.Canceled) && !errors.Is(context.Cause(ctx), errNoAnswer):
		return domain.Ignored // the client left
	default:
		return domain.Failed
	}
}
