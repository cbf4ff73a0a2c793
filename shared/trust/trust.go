// Package trust is about the certificates of servers that we connect to: which
// authorities are believed, and, where a certificate is not, why, in a sentence for
// whoever operates us.
package trust

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Server is a kind of server by the settings that say how it is reached.
type Server struct {
	Name  string // PostgreSQL
	Host  string // the setting with its host
	Check string // the setting that says that its certificate is checked
	Roots string // the setting with the file of authorities
}

// RefusalError is that a server's certificate, or its lack of one, was not accepted.
type RefusalError struct {
	sentence string
	cause    error
}

func (r *RefusalError) Error() string { return r.sentence }

// Unwrap gives what crypto/tls said.
func (r *RefusalError) Unwrap() error { return r.cause }

// Refused tells whether err is about a certificate.
func Refused(err error) bool {
	_, refused := errors.AsType[*RefusalError](err)
	return refused
}

// Explain makes a *RefusalError of an error about the certificate of the server at host,
// and gives any other error back as it is.
func (s Server) Explain(err error, host string) error {
	if err == nil || Refused(err) {
		return err
	}
	if sentence := s.sentence(err, host); sentence != "" {
		return &RefusalError{sentence, err}
	}
	return err
}

func (s Server) sentence(err error, host string) string {
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		return s.invalid(invalid, host)
	}
	if wrong, ok := errors.AsType[x509.HostnameError](err); ok {
		return fmt.Sprintf("the certificate of %s at %s is for %s and for no %s: correct %s, or have one made for it (%s)", s.Name, host, names(wrong.Certificate), wrong.Host, s.Host, s.Check)
	}
	if unknown, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return fmt.Sprintf("the certificate of %s at %s was issued by %q, whom nobody here trusts: name the file with its authority in %s (%s)", s.Name, host, issuer(unknown.Cert), s.Roots, s.Check)
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return fmt.Sprintf("%s at %s does not speak TLS: correct %s, or switch TLS on there (%s)", s.Name, host, s.Host, s.Check)
	}
	return ""
}

func (s Server) invalid(err x509.CertificateInvalidError, host string) string {
	whose := "the certificate"
	if err.Cert.IsCA {
		whose = fmt.Sprintf("the authority %q above the certificate", err.Cert.Subject.CommonName)
	}
	switch {
	case err.Reason != x509.Expired:
		return fmt.Sprintf("%s of %s at %s cannot be used: have another one made (%s)", whose, s.Name, host, s.Check)
	case err.Cert.NotBefore.After(time.Now()):
		return fmt.Sprintf("%s of %s at %s is not valid before %s: correct this machine's clock, or the certificate (%s)", whose, s.Name, host, date(err.Cert.NotBefore), s.Check)
	}
	return fmt.Sprintf("%s of %s at %s expired on %s: renew it there (%s)", whose, s.Name, host, date(err.Cert.NotAfter), s.Check)
}

// date in words that no continent reads otherwise, and the time.
func date(at time.Time) string { return at.UTC().Format("2 January 2006, 15:04 MST") }

func issuer(c *x509.Certificate) string {
	if c == nil {
		return "somebody"
	}
	return c.Issuer.CommonName
}

// names are those that a certificate is for.
func names(c *x509.Certificate) string {
	all := c.DNSNames
	for _, ip := range c.IPAddresses {
		all = append(all, ip.String())
	}
	if len(all) == 0 {
		return "nobody"
	}
	return strings.Join(all, ", ")
}
