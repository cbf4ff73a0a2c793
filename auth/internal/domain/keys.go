package domain

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
)

// Keys make and recognise the opaque tokens. Nothing that could be replayed is
// stored: a token is an HMAC over what the session row says, so the same one
// can be made again when an answer was lost.
type Keys struct {
	sets []keySet // the first makes, all recognise
}

type keySet struct{ refresh, device, mfa, seal, blur, oneTime []byte }

// NewKeys derives the keys by HKDF-SHA256 (RFC 5869) from the current secret
// and from others that may have made tokens: the previous and the next of a rotation.
func NewKeys(current string, others ...string) (Keys, error) {
	var k Keys
	for i, secret := range append([]string{current}, others...) {
		if secret == "" && i > 0 {
			continue
		}
		set, err := deriveKeys(secret)
		if err != nil {
			return Keys{}, err
		}
		k.sets = append(k.sets, set)
	}
	return k, nil
}

func deriveKeys(secret string) (keySet, error) {
	var set keySet
	for info, key := range map[string]*[]byte{
		"loveapp refresh token v1": &set.refresh, "loveapp device token v1": &set.device,
		"loveapp mfa token v1": &set.mfa, "loveapp second factor seal v1": &set.seal, "loveapp blurred name v1": &set.blur,
		"loveapp one-time token v1": &set.oneTime,
	} {
		derived, err := hkdf.Key(sha256.New, []byte(secret), nil, info, sha256.Size)
		if err != nil {
			return keySet{}, fmt.Errorf("derive a key (%s): %w", info, err)
		}
		*key = derived
	}
	return set, nil
}

// mac is over parts that cannot run into each other: each is preceded by its length.
func mac(key []byte, parts ...string) []byte {
	h := hmac.New(sha256.New, key)
	for _, part := range parts {
		_, _ = fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return h.Sum(nil)
}

// strictBase64 refuses the spellings with stray bits that decode to the same
// bytes: one token, one text. It skips line breaks, which callers must refuse.
func strictBase64() *base64.Encoding { return base64.RawURLEncoding.Strict() }
