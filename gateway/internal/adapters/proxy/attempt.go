package proxy

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
)

var errConnectTimeout = dialError{errors.New("the instance took no connection in time")}

// attempt is one sending of a request to one instance.
type attempt struct {
	instance  *Instance
	exchange  *exchange
	connected atomic.Bool
	answering atomic.Bool
	cancel    context.CancelCauseFunc // nil where nothing but the exchange ends it
	released  sync.Once
}

// way carries a request to the instance of an attempt, brings the head of the
// answer, and notes on the attempt how far it got. The answer's body lives until
// it is closed; ctx and the exchange's time bound that too.
type way interface {
	// begin bounds the exchange by the route's time; end lets go of what that holds.
	begin(w http.ResponseWriter, r *http.Request, route domain.Route) (x *exchange, end context.CancelCauseFunc)
	carry(ctx context.Context, req *http.Request, a *attempt) (*http.Response, error)
}

// transported is the way over an http.RoundTripper.
type transported struct{ http.RoundTripper }

func (t transported) carry(ctx context.Context, req *http.Request, a *attempt) (*http.Response, error) {
	return t.RoundTrip(a.outgoing(ctx, req))
}

// try sends the request to the instance. With connectWithin > 0 it gives up on
// an instance to which it has no connection by then.
func (x *exchange) try(via way, req *http.Request, i *Instance, connectWithin time.Duration) (*http.Response, *attempt, error) {
	a, ctx := &attempt{instance: i, exchange: x}, context.Context(x)
	i.open.Add(1)
	if connectWithin > 0 {
		ctx, a.cancel = context.WithCancelCause(ctx)
		timer := time.AfterFunc(connectWithin, a.giveUpConnecting)
		defer timer.Stop()
	}
	resp, err := via.carry(ctx, req, a)
	if err != nil {
		a.release()
		if connectWithin > 0 && errors.Is(context.Cause(ctx), errConnectTimeout) && !a.connected.Load() {
			err = errConnectTimeout
		}
		return nil, a, err
	}
	resp.Body = &answerBody{ReadCloser: resp.Body, attempt: a}
	return resp, a, nil
}

// outgoing is the request addressed to the instance. Its context has a trace of
// its own only: ReverseProxy's would pass 1xx answers on, and with them wipe the
// headers that the gateway has already set.
func (a *attempt) outgoing(ctx context.Context, req *http.Request) *http.Request {
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:              func(httptrace.GotConnInfo) { a.connected.Store(true) },
		GotFirstResponseByte: func() { a.answering.Store(true) },
	})
	out := req.WithContext(ctx)
	a.address(out)
	if req.GetBody != nil {
		out.Body, _ = req.GetBody() // over bytes in memory: never fails
	}
	return out
}

// address makes the request one to the instance.
func (a *attempt) address(req *http.Request) {
	req.URL = &url.URL{Scheme: "http", Host: a.instance.addr, Path: req.URL.Path, RawQuery: req.URL.RawQuery}
	req.Host = ""
}

func (a *attempt) giveUpConnecting() {
	if !a.connected.Load() {
		a.cancel(errConnectTimeout)
	}
}

// progress says how far a failed attempt got.
func (a *attempt) progress(err error) domain.Progress {
	if _, dialing := errors.AsType[dialError](err); dialing || !a.connected.Load() {
		return domain.NothingSent
	}
	if a.answering.Load() || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return domain.Answering
	}
	return domain.Sent
}

func (a *attempt) release() {
	a.released.Do(func() {
		if a.cancel != nil {
			a.cancel(nil)
		}
		a.instance.open.Add(-1)
	})
}

// answerBody gives the instance's place back when the answer has been passed on.
type answerBody struct {
	io.ReadCloser
	attempt *attempt
}

// Close also ends the attempt.
func (b *answerBody) Close() error {
	err := b.ReadCloser.Close()
	b.attempt.release()
	return err
}
