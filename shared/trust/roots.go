package trust

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// Roots are the authorities in the PEM file that the setting names; nil, which means
// the system's, where it names none. The error says what is wrong and not what was
// given: that may be a secret in the wrong place.
func Roots(setting, file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil //nolint:nilnil // as crypto/tls has it: nil is the system's
	}
	text, err := os.ReadFile(file) //nolint:gosec // the operator's choice
	if err != nil {
		return nil, fmt.Errorf("%s names no file that can be read: %w", setting, reason(err))
	}
	pool, newest := x509.NewCertPool(), time.Time{}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%s names a file with a certificate that cannot be read: make it anew", setting)
		}
		pool.AddCert(certificate)
		if certificate.NotAfter.After(newest) {
			newest = certificate.NotAfter
		}
	}
	switch {
	case newest.IsZero():
		return nil, fmt.Errorf("%s names a file without a certificate: it must hold those of authorities, as PEM", setting)
	case newest.Before(time.Now()):
		return nil, fmt.Errorf("%s names authorities whose certificates have expired, the last on %s: put the new ones there", setting, date(newest))
	}
	return pool, nil
}

// reason is the error without the path.
func reason(err error) error {
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		return at.Err
	}
	return err
}
