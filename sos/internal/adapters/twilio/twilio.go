// Package twilio makes calls through Twilio, or whoever speaks its protocol.
package twilio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

const (
	dialLimit = time.Second
	// tripAfter failures in a row the provider is left alone for restAfter.
	tripAfter = 5
	restAfter = 2 * time.Second
	maxAnswer = 64 << 10
	maxSID    = 64
	// ringFor is how long the other end rings, in seconds.
	ringFor = "30"
	// CallbackPath is where the provider tells what becomes of a call.
	CallbackPath = "/v1/sos/public/call-events"
)

// Config says who we are to the provider, and whom it is to call.
type Config struct {
	URL        string // "" is Twilio's
	AccountSID string
	AuthToken  string
	From       string // a number of the account, E.164
	To         string // of the operator's alarm centre, E.164
	PublicURL  string // of this backend
}

const twilioURL = "https://api.twilio.com"

// Caller is a ports.Caller.
type Caller struct {
	Config
	http    *http.Client
	breaker *gobreaker.CircuitBreaker[string]
}

var _ ports.Caller = (*Caller)(nil)

// New refuses a hole. Close when done.
func New(c Config) (*Caller, error) {
	if c.AccountSID == "" || c.AuthToken == "" || c.From == "" || c.To == "" || c.PublicURL == "" {
		return nil, errors.New("twilio: an account, its token, both numbers and the public URL are required")
	}
	if c.URL == "" {
		c.URL = twilioURL
	}
	c.URL, c.PublicURL = strings.TrimSuffix(c.URL, "/"), strings.TrimSuffix(c.PublicURL, "/")
	return &Caller{
		Config: c,
		http: &http.Client{
			Transport: &http.Transport{
				Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: dialLimit}).DialContext,
				MaxConnsPerHost: 4, MaxIdleConnsPerHost: 2, IdleConnTimeout: 30 * time.Second, MaxResponseHeaderBytes: maxAnswer,
			},
			// The credentials go where they were sent to, and nowhere else.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		breaker: gobreaker.NewCircuitBreaker[string](gobreaker.Settings{
			Timeout:      restAfter,
			ReadyToTrip:  func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= tripAfter },
			IsSuccessful: func(err error) bool { return err == nil || errors.Is(err, ports.ErrRefused) },
		}),
	}, nil
}

// Close gives the kept connections up.
func (c *Caller) Close() error {
	c.http.CloseIdleConnections()
	return nil
}

// Place implements ports.Caller.
func (c *Caller) Place(ctx context.Context, order domain.CallOrder) (string, error) {
	words, err := script(order, c.From)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ports.ErrRefused, err)
	}
	form := url.Values{
		"To": {c.To}, "From": {c.From}, "Twiml": {words}, "Timeout": {ringFor},
		"StatusCallback":       {c.PublicURL + CallbackPath + "?" + url.Values{"call": {string(order.ID)}}.Encode()},
		"StatusCallbackMethod": {http.MethodPost}, "StatusCallbackEvent": {"initiated", "ringing", "answered", "completed"},
	}
	return c.breaker.Execute(func() (string, error) { return c.post(ctx, form) })
}

func (c *Caller) post(ctx context.Context, form url.Values) (string, error) {
	address := c.URL + "/2010-04-01/Accounts/" + url.PathEscape(c.AccountSID) + "/Calls.json"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(c.AccountSID, c.AuthToken)
	res, err := c.http.Do(req)
	if err != nil {
		return "", unnamed(err)
	}
	defer func() { _ = res.Body.Close() }()
	return read(res)
}

// unnamed leaves out the address, which holds the account.
func unnamed(err error) error {
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return fmt.Errorf("the provider of calls cannot be reached: %w", failed.Err)
	}
	return err
}

// read: only an answer about the content is a refusal. Wrong credentials are a
// mistake of the operator's, and too many requests pass.
func read(res *http.Response) (string, error) {
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return "", fmt.Errorf("hear the provider of calls: %w", err)
	}
	var answer struct {
		SID  string `json:"sid"`
		Code int    `json:"code"`
	}
	unreadable := json.Unmarshal(text, &answer)
	switch res.StatusCode {
	case http.StatusCreated, http.StatusOK:
		if unreadable != nil || !isSID(answer.SID) {
			return "", errors.New("the provider of calls answered without the name of the call")
		}
		return answer.SID, nil
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return "", fmt.Errorf("%w: status %d, code %d", ports.ErrRefused, res.StatusCode, answer.Code)
	default:
		return "", fmt.Errorf("the provider of calls answered with status %d, code %d", res.StatusCode, answer.Code)
	}
}
