// Package exchange is one question to a provider over HTTP (shared/provider),
// with whatever goes wrong on the way told in the terms of a domain.SendError.
package exchange

import (
	"context"
	"crypto/x509"
	"errors"
	"net/http"
	"syscall"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/provider"
)

// Config says how to speak to a provider.
type Config struct {
	Provider domain.Provider
	// Roots are the authorities that its certificate may come from; nil: the system's.
	Roots *x509.CertPool
	// Control, where set, sees each address before it is dialled, and may refuse it.
	Control func(network, address string, c syscall.RawConn) error
	// Limit bounds one exchange; 0: ten seconds.
	Limit time.Duration
}

// Forbidden is the code where Control has refused an address with ErrForbidden.
const Forbidden = provider.Forbidden

// ErrForbidden is what Control says of an address that is not to be dialled.
var ErrForbidden = provider.ErrForbidden

// Answer is what the provider said, cut off after 64 KiB.
type Answer = provider.Answer

// Exchange is a client of one provider, safe for concurrent use.
type Exchange struct{ shared *provider.Exchange }

// New makes a client that keeps connections; Close gives them up.
func New(c Config) *Exchange {
	return &Exchange{provider.NewExchange(provider.ExchangeConfig{Provider: string(c.Provider), Roots: c.Roots, Control: c.Control, Limit: c.Limit})}
}

// Close gives the kept connections up.
func (e *Exchange) Close() error { return e.shared.Close() }

// Do asks. An answer of any status is no error; without one it fails with a
// *domain.SendError of kind Unreachable, or with ctx's error when ctx was cancelled.
func (e *Exchange) Do(ctx context.Context, req *http.Request) (Answer, error) {
	answer, err := e.shared.Do(ctx, req)
	return answer, SendError(err)
}

// Error is an answer that is no success, in a provider's terms.
func (e *Exchange) Error(kind domain.SendErrorKind, code string, a Answer) error {
	return SendError(e.shared.Refusal(provider.Kind(kind), code, a))
}

// SendError tells a provider's failure as a *domain.SendError, and leaves any
// other error as it is.
func SendError(err error) error {
	failed, ok := errors.AsType[*provider.Error](err)
	if !ok {
		return err
	}
	return &domain.SendError{
		Provider: domain.Provider(failed.Provider), Kind: domain.SendErrorKind(failed.Kind), Code: failed.Code, RetryAfter: failed.RetryAfter, Trouble: failed.Trouble,
	}
}
