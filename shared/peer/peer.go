// Package peer asks another service of ours, whichever of its copies answers.
package peer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/loveapp/backend/shared/tracing"
)

const (
	// tripAfter failures in a row a copy is left alone for restAfter.
	tripAfter = 5
	restAfter = time.Second
	// keepIdle is below the 90 s after which our servers close.
	keepIdle = 30 * time.Second
)

// Config says where the service is.
type Config struct {
	URLs []string // base URLs of its copies
	// Token gives the proof of who is calling.
	Token func() (string, error)
	// Connections to one copy at most; more at once wait for each other.
	Connections int
	// DialLimit bounds the opening of one.
	DialLimit time.Duration
	// AnswerLimit is the most of an answer that is read, in bytes.
	AnswerLimit int64
}

// Service is the other one, safe for concurrent use.
type Service struct {
	config Config
	http   *http.Client
	copies []instance
	next   atomic.Uint64
}

// instance is one copy and the breaker in front of it.
type instance struct {
	url     string
	breaker *gobreaker.CircuitBreaker[struct{}]
}

// New refuses a hole. Close when done.
func New(c Config) (*Service, error) {
	if len(c.URLs) == 0 || c.Token == nil || c.Connections == 0 || c.DialLimit == 0 || c.AnswerLimit == 0 {
		return nil, errors.New("peer: every field of Config is required")
	}
	s := &Service{config: c, http: &http.Client{
		Transport: tracing.Transport(&http.Transport{ // straight to the peer: no proxy
			DialContext:         (&net.Dialer{Timeout: c.DialLimit}).DialContext,
			MaxConnsPerHost:     c.Connections,
			MaxIdleConnsPerHost: c.Connections,
			IdleConnTimeout:     keepIdle,
		}),
		// A redirect could lead what is sent, and the token, anywhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	for _, url := range c.URLs {
		s.copies = append(s.copies, instance{strings.TrimSuffix(url, "/"), gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
			Timeout:      restAfter,
			ReadyToTrip:  func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= tripAfter },
			IsSuccessful: func(err error) bool { return err == nil || isFinal(err) },
		})})
	}
	return s, nil
}

// Close gives the kept connections up.
func (s *Service) Close() error {
	s.http.CloseIdleConnections()
	return nil
}

// Answer is what a copy said, as far as it could be read within AnswerLimit.
type Answer struct {
	Status int
	Body   []byte
}

// finalError is a no that every copy would say.
type finalError struct{ error }

func (e finalError) Unwrap() error { return e.error }

func isFinal(err error) bool {
	_, final := errors.AsType[finalError](err)
	return final
}

// Final marks the error of an answer that counts: it comes from a copy that
// works, and no other one is asked.
func Final(err error) error { return finalError{err} }

// Post sends JSON to each copy once, beginning with another one at each call,
// until judge returns nil or a Final error for what one has answered. Each is
// given its share of the time that ctx leaves to those still to be tried.
func (s *Service) Post(ctx context.Context, path string, body []byte, judge func(Answer) error) error {
	return s.ask(ctx, question{http.MethodPost, path, body}, judge)
}

// Get is Post for what is only asked.
func (s *Service) Get(ctx context.Context, path string, judge func(Answer) error) error {
	return s.ask(ctx, question{method: http.MethodGet, path: path}, judge)
}

// question is what a copy is asked.
type question struct {
	method, path string
	body         []byte // of JSON
}

func (s *Service) ask(ctx context.Context, q question, judge func(Answer) error) error {
	n := len(s.copies)
	start := int(s.next.Add(1) % uint64(n)) //nolint:gosec // less than n
	var failures []error
	for i := range n {
		err := s.try(ctx, s.copies[(start+i)%n], q, n-i, judge)
		if err == nil || isFinal(err) {
			return err
		}
		failures = append(failures, err)
	}
	return errors.Join(failures...)
}

func (s *Service) try(ctx context.Context, to instance, q question, left int, judge func(Answer) error) error {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/time.Duration(left))
		defer cancel()
	}
	_, err := to.breaker.Execute(func() (struct{}, error) {
		answer, err := s.send(ctx, to.url, q)
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, judge(answer)
	})
	return err
}

func (s *Service) send(ctx context.Context, url string, q question) (Answer, error) {
	token, err := s.config.Token()
	if err != nil {
		return Answer{}, fmt.Errorf("service token: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, q.method, url+q.path, bytes.NewReader(q.body))
	if err != nil {
		return Answer{}, err
	}
	if q.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Authorization", "Bearer "+token)
	return s.do(req)
}

func (s *Service) do(req *http.Request) (Answer, error) {
	res, err := s.http.Do(req)
	if err != nil {
		return Answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	// To the end, so that the connection can be used again. One that breaks in the
	// middle has said its status: what is missing, judge misses.
	text, _ := io.ReadAll(io.LimitReader(res.Body, s.config.AnswerLimit))
	return Answer{res.StatusCode, text}, nil
}

// Ping succeeds when at least one copy is ready.
func (s *Service) Ping(ctx context.Context) error {
	var failures []error
	for _, one := range s.copies {
		err := s.ready(ctx, one.url)
		if err == nil {
			return nil
		}
		failures = append(failures, err)
	}
	return errors.Join(failures...)
}

func (s *Service) ready(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/health/ready", http.NoBody)
	if err != nil {
		return err
	}
	answer, err := s.do(req)
	if err == nil && answer.Status != http.StatusOK {
		err = fmt.Errorf("not ready: status %d", answer.Status)
	}
	return err
}
