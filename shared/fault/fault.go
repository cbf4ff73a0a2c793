// Package fault is the one error type of the backend: a kind that decides the
// HTTP status, a stable code that clients branch on, and a detail that people read.
package fault

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"
)

// Kind says what went wrong in terms that every transport can translate.
type Kind uint8

// The kinds, each with the HTTP status that package problem gives it.
const (
	Internal          Kind = iota // 500: a defect; never carries detail to the client
	Malformed                     // 400: cannot be parsed
	Unauthenticated               // 401
	Forbidden                     // 403: known, but the role or PIN does not allow it
	NotFound                      // 404: absent, or somebody else's
	MethodNotAllowed              // 405
	RequestTimeout                // 408: the client sent its body too slowly
	Conflict                      // 409: the state does not allow it
	Gone                          // 410: was there, has expired
	TooLarge                      // 413
	URITooLong                    // 414
	UnsupportedMedia              // 415
	ExpectationFailed             // 417
	Invalid                       // 422: well-formed but wrong values
	UpgradeRequired               // 426: this path speaks another protocol
	RateLimited                   // 429
	HeadersTooLarge               // 431
	BadGateway                    // 502: an upstream broke the exchange
	Unavailable                   // 503: try again shortly
	Timeout                       // 504: an upstream did not answer in time
)

// Field is one wrong value of a request; it is the wire form too (RFC 9457 extension "errors").
type Field struct {
	Field   string `json:"field"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Error is an error that may be shown to a client. Its cause is for the log only.
type Error struct {
	Kind       Kind
	Code       string
	Detail     string
	Fields     []Field
	RetryAfter time.Duration  // > 0 becomes the Retry-After header
	Extra      map[string]any // further members of the problem document

	cause error
}

// New makes an error, usually a package-level sentinel. Treat sentinels as
// immutable: the With methods return copies.
func New(kind Kind, code, detail string) *Error {
	return &Error{Kind: kind, Code: code, Detail: detail}
}

// NewInvalid is 422 validation_failed naming each wrong field.
func NewInvalid(fields ...Field) *Error {
	return &Error{Kind: Invalid, Code: "validation_failed", Detail: "Some fields have values that cannot be accepted.", Fields: fields}
}

// Error gives code and detail, then the cause, for the log.
func (e *Error) Error() string {
	text := e.Code + ": " + e.Detail
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

// Unwrap gives the cause, nil where there is none.
func (e *Error) Unwrap() error { return e.cause }

// Is makes errors.Is compare kind and code, so that a copy with another detail still matches its sentinel.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Kind == e.Kind && other.Code == e.Code
}

// WithDetail returns a copy with another text for people.
func (e *Error) WithDetail(detail string) *Error {
	c := e.clone()
	c.Detail = detail
	return c
}

// WithField returns a copy that names one more wrong field.
func (e *Error) WithField(field, code, message string) *Error {
	c := e.clone()
	c.Fields = append(c.Fields, Field{field, code, message})
	return c
}

// WithRetryAfter returns a copy that tells the client when to come back.
func (e *Error) WithRetryAfter(d time.Duration) *Error {
	c := e.clone()
	c.RetryAfter = d
	return c
}

// WithExtra returns a copy with one more member in the problem document.
func (e *Error) WithExtra(key string, value any) *Error {
	c := e.clone()
	if c.Extra == nil {
		c.Extra = make(map[string]any, 1)
	}
	c.Extra[key] = value
	return c
}

// WithCause returns a copy that wraps err; err reaches the log, never the client.
func (e *Error) WithCause(err error) *Error {
	c := e.clone()
	c.cause = err
	return c
}

func (e *Error) clone() *Error {
	c := *e
	c.Fields = slices.Clone(e.Fields)
	c.Extra = maps.Clone(e.Extra)
	return &c
}

// From finds the *Error in err's chain. A deadline that ran out is Timeout;
// whatever is unclassified becomes an opaque Internal. From(nil) is nil.
func From(err error) *Error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return New(Timeout, "upstream_timeout", "The answer took too long.").WithCause(err)
	}
	return New(Internal, "internal", "Something went wrong on our side.").WithCause(err)
}
