package proxy

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
)

// maxInformational bounds the 1xx answers before the real one, as net/http does.
const maxInformational = 5

var (
	errInformational = errors.New("more 1xx answers than anybody needs")
	errSwitching     = errors.New("the service switches protocols unasked")
)

// direct is an http.RoundTripper for requests without a body that may be sent
// twice (GET and HEAD). The goroutine of the request itself writes and reads;
// http.Transport has two more for each connection, which costs a third of the
// whole exchange in switching between them.
type direct struct{ lines *lines }

// RoundTrip sends the request over a connection of its own until the answer's
// body is closed. A kept connection that turns out to have ended is no failure
// of the instance: the request goes out again over another one.
func (d *direct) RoundTrip(req *http.Request) (*http.Response, error) {
	for {
		l, err := d.lines.take(req.Context(), req.URL.Host)
		if err != nil {
			return nil, err
		}
		resp, err := l.exchange(req)
		if err == nil {
			return resp, nil
		}
		_ = l.Close()
		if cause := context.Cause(req.Context()); cause != nil {
			return nil, cause
		}
		if !l.kept || l.heard {
			return nil, err
		}
		d.lines.drop(req.URL.Host) // the others are as old
	}
}

// exchange sends the request and reads the answer's head.
func (l *line) exchange(req *http.Request) (*http.Response, error) {
	trace := httptrace.ContextClientTrace(req.Context())
	if trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{Conn: l.Conn, Reused: l.kept})
	}
	l.release = context.AfterFunc(req.Context(), l.interrupt)
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
	if trace != nil && trace.GotFirstResponseByte != nil {
		trace.GotFirstResponseByte()
	}
	resp, err := l.head(req)
	if err != nil {
		return nil, err
	}
	l.left = unlimited
	resp.Body = &lineBody{ReadCloser: resp.Body, line: l, ctx: req.Context(), ended: resp.Body == http.NoBody, last: resp.Close}
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
