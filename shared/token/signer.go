package token

import (
	"context"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/golang-jwt/jwt/v5"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/internal/compact"
)

// SignerConfig holds the secrets that keys are derived from. Only Secret is
// required. To rotate without refusing anybody: publish the coming secret as
// Next, wait until every key set has been refreshed (RefreshInterval), make it
// Secret and the old one a Previous, and drop that when the last SOS credential
// that it signed has expired (SOSLifetime).
type SignerConfig struct {
	Secret   config.Secret   // signs
	Previous []config.Secret // signed before; published until what they signed has expired
	Next     config.Secret   // will sign; published ahead
}

// Signer signs access tokens. It is also the KeySource of the process that signs.
type Signer struct {
	private ed25519.PrivateKey
	header  compact.Header
	keys    map[string]ed25519.PublicKey
	jwks    []byte
}

// keyInfo separates these keys from all else that is derived from the same secret.
const keyInfo = "loveapp access token v1"

// NewSigner derives the keys. It refuses a secret under 32 bytes, because the
// published key lets anybody test guesses of it offline.
func NewSigner(cfg SignerConfig) (*Signer, error) {
	private, err := derive(cfg.Secret)
	if err != nil {
		return nil, fmt.Errorf("signing secret: %w", err)
	}
	public := []ed25519.PublicKey{publicOf(private)}
	others := cfg.Previous
	if cfg.Next != "" {
		others = append([]config.Secret{cfg.Next}, others...)
	}
	for _, other := range others {
		key, err := derive(other)
		if err != nil {
			return nil, fmt.Errorf("next or previous signing secret: %w", err)
		}
		public = append(public, publicOf(key))
	}
	return newSigner(private, public)
}

func newSigner(private ed25519.PrivateKey, public []ed25519.PublicKey) (*Signer, error) {
	s := &Signer{
		private: private,
		header:  compact.Header{Type: mediaType, KeyID: thumbprint(public[0])},
		keys:    make(map[string]ed25519.PublicKey, len(public)),
	}
	var distinct []ed25519.PublicKey
	for _, key := range public {
		if kid := thumbprint(key); s.keys[kid] == nil {
			s.keys[kid] = key
			distinct = append(distinct, key)
		}
	}
	var err error
	s.jwks, err = publish(distinct)
	return s, err
}

func derive(secret config.Secret) (ed25519.PrivateKey, error) {
	if len(secret.Value()) < ed25519.SeedSize {
		return nil, fmt.Errorf("needs at least %d bytes", ed25519.SeedSize)
	}
	seed, err := hkdf.Key(sha256.New, []byte(secret.Value()), nil, keyInfo, ed25519.SeedSize)
	if err != nil {
		return nil, err
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// publicOf: a private key is seed and public key (RFC 8032 section 5.1.5 as Go keeps it).
func publicOf(key ed25519.PrivateKey) ed25519.PublicKey {
	return ed25519.PublicKey(key[ed25519.SeedSize:])
}

// Sign writes the claims as a token. It refuses claims that no verifier would take.
func (s *Signer) Sign(claims Claims) (string, error) {
	w := claims.wire()
	if !w.complete() {
		return "", errors.New("sign access token: claims are incomplete or out of order")
	}
	return compact.Sign(jwt.SigningMethodEdDSA, s.private, s.header, w)
}

// JWKS is the set of public keys as JSON (RFC 7517 section 5): what
// /.well-known/jwks.json answers. The caller does not change it.
func (s *Signer) JWKS() []byte { return s.jwks }

// Key is the KeySource side.
func (s *Signer) Key(_ context.Context, kid string) (ed25519.PublicKey, error) {
	if key, ok := s.keys[kid]; ok {
		return key, nil
	}
	return nil, ErrUnknownKey
}
