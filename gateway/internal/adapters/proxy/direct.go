package proxy

import (
	"context"
	"errors"
	"net/http"
	"os"
)

// maxInformational bounds the 1xx answers before the real one, as net/http does.
const maxInformational = 5

var (
	errInformational = errors.New("more 1xx answers than anybody needs")
	errSwitching     = errors.New("the service switches protocols unasked")
)

// direct is the way of exchanges that are small and have an end. The goroutine of
// the request itself writes and reads; http.Transport has two more for each
// connection, which costs a third of the whole exchange in switching between them.
type direct struct{ lines *lines }

// carry sends the request over a connection of its own until the answer's body
// is closed. A kept connection that turns out to have ended is no failure of the
// instance: the request goes out again over another one, where it may arrive
// twice or has not left at all.
func (d *direct) carry(ctx context.Context, req *http.Request, a *attempt) (*http.Response, error) {
	a.address(req)
	for {
		l, err := d.lines.take(ctx, a.instance.addr, a.exchange.until)
		if err != nil {
			return nil, err
		}
		a.connected.Store(true)
		resp, err := l.exchange(ctx, req, a)
		if err == nil {
			return resp, nil
		}
		_ = l.Close()
		if cause := context.Cause(ctx); cause != nil {
			return nil, cause
		}
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return nil, errors.Join(context.DeadlineExceeded, err)
		}
		if !l.kept || l.heard || l.sent > 0 && !a.exchange.arrivesTwice(req.Method) {
			return nil, err
		}
		d.lines.drop(a.instance.addr) // the others are as old
	}
}

// arrivesTwice tells whether a request may go out again over another connection
// to the same instance, when nothing came back over the first. GET and HEAD may,
// whatever their answers hold: they change nothing.
func (x *exchange) arrivesTwice(method string) bool {
	return x.repeatable || method == http.MethodGet || method == http.MethodHead
}

// exchange sends the request and reads the answer's head.
func (l *line) exchange(ctx context.Context, req *http.Request, a *attempt) (*http.Response, error) {
	l.release = context.AfterFunc(ctx, l.interrupt)
	if req.GetBody != nil {
		req.Body, _ = req.GetBody() // over bytes in memory: never fails
	}
	if err := req.Write(l.writer); err != nil {
		return nil, err
	}
	if err := l.writer.Flush(); err != nil {
		return nil, err
	}
	l.left = maxAnswerHead
	if _, err := l.reader.Peek(1); err != nil {
		return nil, err
	}
	l.heard = true
	a.answering.Store(true)
	resp, err := l.head(req)
	if err != nil {
		return nil, err
	}
	l.left = unlimited
	resp.Body = &lineBody{ReadCloser: resp.Body, line: l, ctx: ctx, ended: resp.Body == http.NoBody, last: resp.Close}
	return resp, nil
}

// head reads the head of the answer, and passes over those that only inform.
func (l *line) head(req *http.Request) (*http.Response, error) {
	for range maxInformational {
		resp, err := http.ReadResponse(l.reader, req)
		if err != nil || resp.StatusCode >= http.StatusOK {
			return resp, err
		}
		if resp.StatusCode == http.StatusSwitchingProtocols {
			return nil, errSwitching
		}
	}
	return nil, errInformational
}
