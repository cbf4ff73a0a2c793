package provider

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"
)

const (
	// limit is what one exchange may take: providers answer within a second or not at all.
	limit = 10 * time.Second
	// dialLimit leaves time for another address of the same name.
	dialLimit = 3 * time.Second
	// maxAnswer is more than any provider's answer that means something.
	maxAnswer = 64 << 10
	// connections to one host: more at once are queued by us, not by the provider.
	connections = 64
	idle        = 90 * time.Second
	// longestPause: a provider that asks for more is asked again all the same.
	longestPause = time.Hour
)

// ExchangeConfig says how to speak to a provider.
type ExchangeConfig struct {
	Provider string
	// Roots are the authorities that its certificate may come from; nil: the system's.
	Roots *x509.CertPool
	// Control, where set, sees each address before it is dialled, and may refuse it.
	Control func(network, address string, c syscall.RawConn) error
	// Limit bounds one exchange; 0: ten seconds.
	Limit time.Duration
}

// Exchange is a client of one provider, safe for concurrent use.
type Exchange struct {
	provider string
	http     *http.Client
	limit    time.Duration
	ours     bool // it is we who say where the provider is, and not a device
}

// NewExchange makes a client that keeps connections; Close gives them up.
func NewExchange(c ExchangeConfig) *Exchange {
	if c.Limit == 0 {
		c.Limit = limit
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	return &Exchange{provider: c.Provider, limit: c.Limit, ours: c.Control == nil, http: &http.Client{
		Transport: &http.Transport{
			DialContext:         (&net.Dialer{Timeout: dialLimit, Control: c.Control}).DialContext,
			TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.Roots},
			TLSHandshakeTimeout: dialLimit,
			Protocols:           protocols,
			MaxConnsPerHost:     connections,
			MaxIdleConnsPerHost: connections,
			IdleConnTimeout:     idle,
		},
		// A redirect could lead credentials anywhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close gives the kept connections up.
func (e *Exchange) Close() error {
	e.http.CloseIdleConnections()
	return nil
}

// Answer is what the provider said, cut off after 64 KiB.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Do asks. An answer of any status is no error; without one it fails with a
// *Error of kind Unreachable, or with ctx's error when ctx was cancelled.
func (e *Exchange) Do(ctx context.Context, req *http.Request) (Answer, error) {
	bounded, cancel := context.WithTimeout(ctx, e.limit)
	defer cancel()
	res, err := e.http.Do(req.WithContext(bounded)) //nolint:gosec // a setting, or judged by Control
	if err != nil {
		return Answer{}, e.failed(ctx, err, req.URL.Host)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return Answer{}, e.failed(ctx, err, req.URL.Host)
	}
	return Answer{Status: res.StatusCode, Header: res.Header, Body: body}, nil
}

// failed drops err's text: it has the URL, and that may be a secret.
func (e *Exchange) failed(ctx context.Context, err error, host string) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return context.Canceled
	}
	failed := &Error{Provider: e.provider, Kind: Unreachable, Code: Word(err)}
	if e.ours {
		failed.Trouble = Untrusted(err, "the provider's address", host)
	}
	return failed
}

// Refusal is an answer that is no success, in a provider's terms.
func (e *Exchange) Refusal(kind Kind, code string, a Answer) error {
	return &Error{Provider: e.provider, Kind: kind, Code: short(code, a.Status), RetryAfter: a.retryAfter(time.Now())}
}

// longestCode bounds a provider's own word.
const longestCode = 64

// short makes sure that a provider's word is one: it goes into logs and labels.
func short(code string, status int) string {
	ok := code != "" && len(code) <= longestCode
	for i := 0; ok && i < len(code); i++ {
		c := code[i]
		ok = c == '_' || c == '-' || c == '.' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
	}
	if !ok {
		return strconv.Itoa(status)
	}
	return code
}

// retryAfter reads the header (RFC 9110 section 10.2.3), seconds or a date.
func (a Answer) retryAfter(now time.Time) time.Duration {
	text := a.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil {
		return min(max(0, time.Duration(min(seconds, int(longestPause/time.Second)))*time.Second), longestPause)
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(0, at.Sub(now)), longestPause)
	}
	return 0
}
