package app

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
)

// tokens are 256-bit secrets that follow from ids, so that a repeated request
// can be given the same one although only its hash is kept.
type tokens struct{ keys [][]byte } // the first makes new ones

// newTokens derives the keys of one purpose; tokens of the one never open another's.
func newTokens(purpose string, secrets []string) (tokens, error) {
	var t tokens
	for _, secret := range secrets {
		key, err := hkdf.Key(sha256.New, []byte(secret), nil, purpose, sha256.Size)
		if err != nil {
			return tokens{}, err
		}
		t.keys = append(t.keys, key)
	}
	return t, nil
}

func (t tokens) token(id string) string { return t.with(t.keys[0], id) }

func (tokens) with(key []byte, id string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// again is the token that was given out for the id, known by its hash; "" where
// no key makes it any more.
func (t tokens) again(id string, hash [sha256.Size]byte) string {
	for _, key := range t.keys {
		if token := t.with(key, id); sha256.Sum256([]byte(token)) == hash {
			return token
		}
	}
	return ""
}
