// Package provider speaks to those who carry messages for us: one bounded
// question at a time, and whatever goes wrong told in one set of terms.
package provider

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"

	"github.com/loveapp/backend/shared/trust"
)

// Kind says what a failed sending means for the message.
type Kind string

// The kinds.
const (
	// Unreachable: the provider gave no answer, or said that it is in trouble.
	// Send again, with backoff; it counts against the provider.
	Unreachable Kind = "unreachable"
	// Throttled: the provider wants less. Send again after RetryAfter.
	Throttled Kind = "throttled"
	// Rejected: this message will never go.
	Rejected Kind = "rejected"
	// Misconfigured: our credentials are not taken. Send again, slowly; an
	// operator has to act.
	Misconfigured Kind = "misconfigured"
)

// Retry tells whether sending the same message later may help.
func (k Kind) Retry() bool { return k != Rejected }

// Error is why a message could not be handed over. It may be logged: it holds no
// address, no token and no text, not even of the provider's answer.
type Error struct {
	Provider string
	Kind     Kind
	// Code is the provider's own short word ("429", "21610"), or one of ours
	// ("timeout", "refused"); a word of ASCII, at most 64 bytes.
	Code string
	// RetryAfter is what the provider asked for; 0: it said nothing.
	RetryAfter time.Duration
	// Trouble is a sentence for whoever operates us, where there is one: why the
	// provider's certificate is not accepted.
	Trouble string
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s (%s)", e.Provider, e.Kind, e.Code) }

// Untrusted gives the sentence of an error about the certificate of the server at
// host, which the setting leads to; "" for any other error.
func Untrusted(err error, setting, host string) string {
	server := trust.Server{Name: "the server", Host: setting, Check: setting, Roots: "SSL_CERT_FILE"}
	if err = server.Explain(err, host); trust.Refused(err) {
		return err.Error()
	}
	return ""
}

// Forbidden is the code where a Control has refused an address with ErrForbidden.
const Forbidden = "forbidden_address"

// ErrForbidden is what a Control says of an address that is not to be dialled.
var ErrForbidden = errors.New("the address must not be dialled")

// Word names what went wrong on the way.
func Word(err error) string {
	var certificate *tls.CertificateVerificationError
	var timeout net.Error
	var name *net.DNSError
	switch {
	case errors.Is(err, ErrForbidden):
		return Forbidden
	case errors.As(err, &certificate):
		return "certificate"
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.As(err, &name):
		return "no_such_host"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "reset"
	}
	return "network"
}
