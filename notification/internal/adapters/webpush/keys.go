package webpush

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/mail"
	"net/url"
	"strings"

	"github.com/loveapp/backend/shared/config"
)

// NewKeys makes a pair (RFC 8292 section 3.2): what browsers subscribe with, and
// what messages are signed with. Another pair later makes every subscription void.
func NewKeys() (public string, private config.Secret, err error) {
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return "", "", err
	}
	encode := base64.RawURLEncoding.EncodeToString
	return encode(key.PublicKey().Bytes()), config.Secret(encode(key.Bytes())), nil
}

// Check says what is wrong with the pair or the subject, naming no secret.
func Check(public string, private config.Secret, subject string) error {
	raw, err := base64.RawURLEncoding.DecodeString(private.Value())
	if err != nil {
		return errors.New("the private key must be base64url of 32 bytes")
	}
	key, err := ecdh.P256().NewPrivateKey(raw)
	if err != nil {
		return errors.New("the private key must be base64url of 32 bytes, a P-256 key")
	}
	if base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes()) != public {
		return errors.New("the public key is not that of the private key")
	}
	if !reachable(subject) {
		return errors.New("the subject must be an https URL or an e-mail address")
	}
	return nil
}

// reachable: RFC 8292 section 2.1.
func reachable(subject string) bool {
	if u, err := url.Parse(subject); err == nil && u.Scheme == "https" {
		return u.Host != ""
	}
	address, err := mail.ParseAddress(strings.TrimPrefix(subject, "mailto:"))
	return err == nil && address.Address == strings.TrimPrefix(subject, "mailto:")
}
