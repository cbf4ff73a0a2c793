// Package compact reads and writes JWTs in the compact form (RFC 7515 section
// 7.1) so strictly that a token has exactly one spelling: what RFC 8725 leaves
// to the reader is refused here.
package compact

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/golang-jwt/jwt/v5"
)

// MaxLength of a token in bytes: above it nothing is decoded.
const MaxLength = 4 << 10

// ErrMalformed says no more on purpose: how a forgery fails is nobody's business.
var ErrMalformed = errors.New("compact: malformed token")

// Header is all that a header may hold. Any other parameter (jku, jwk, x5u,
// x5c, crit, b64, zip …) is a way to steer the reader, and refused.
type Header struct {
	Algorithm string `json:"alg"`
	Type      string `json:"typ"`
	KeyID     string `json:"kid,omitempty"`
}

// Token is a token taken apart; its signature has not been looked at.
type Token struct {
	Header    Header
	signed    string // what the signature is over
	claims    []byte
	signature []byte
}

// base64url refuses padding and stray bits in the last character.
var base64url = base64.RawURLEncoding.Strict()

// Parse takes raw apart: three non-empty parts in canonical base64url, and a
// header of JSON without duplicate or unknown keys.
func Parse(raw string) (Token, error) {
	dot := strings.LastIndexByte(raw, '.')
	if len(raw) > MaxLength || dot < 0 || !spelt(raw) {
		return Token{}, ErrMalformed
	}
	t := Token{signed: raw[:dot]}
	head, claims, ok := strings.Cut(t.signed, ".")
	if !ok || strings.Contains(claims, ".") {
		return Token{}, ErrMalformed
	}
	header, headerErr := base64url.DecodeString(head)
	var claimsErr, signatureErr error
	t.claims, claimsErr = base64url.DecodeString(claims)
	t.signature, signatureErr = base64url.DecodeString(raw[dot+1:])
	if headerErr != nil || claimsErr != nil || signatureErr != nil || len(t.signature) == 0 {
		return Token{}, ErrMalformed
	}
	if json.Unmarshal(header, &t.Header, json.RejectUnknownMembers(true)) != nil {
		return Token{}, ErrMalformed
	}
	return t, nil
}

// spelt: the decoder skips line breaks, so the alphabet is checked before it.
func spelt(raw string) bool {
	for i := range len(raw) {
		c := raw[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '.') {
			return false
		}
	}
	return true
}

// Verify checks the signature with the one method and key that the caller
// expects (RFC 8725 section 3.1), then decodes the claims into dst. Unknown
// claims are ignored: a newer signer meets older readers.
func (t Token) Verify(method jwt.SigningMethod, key, dst any) error {
	if t.Header.Algorithm != method.Alg() {
		return ErrMalformed
	}
	if err := method.Verify(t.signed, t.signature, key); err != nil {
		return ErrMalformed
	}
	if err := json.Unmarshal(t.claims, dst); err != nil {
		return ErrMalformed
	}
	return nil
}

// Sign writes claims as a token; the header's algorithm is the method's.
func Sign(method jwt.SigningMethod, key any, header Header, claims any) (string, error) {
	header.Algorithm = method.Alg()
	head, err := json.Marshal(header)
	if err != nil {
		return "", fmt.Errorf("encode token header: %w", err)
	}
	body, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("encode token claims: %w", err)
	}
	signed := base64url.EncodeToString(head) + "." + base64url.EncodeToString(body)
	signature, err := method.Sign(signed, key)
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	return signed + "." + base64url.EncodeToString(signature), nil
}
