package token

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
)

// jwk is a public Ed25519 key (RFC 8037 section 2).
type jwk struct {
	Type      string `json:"kty"`
	Curve     string `json:"crv"`
	X         string `json:"x"`
	Use       string `json:"use,omitempty"`
	Algorithm string `json:"alg,omitempty"`
	KeyID     string `json:"kid"`
}

type jwks struct {
	Keys []jwk `json:"keys"`
}

// maxKeys in a set: as many are published at most (MaxPrevious), and a reader's
// work stays bounded.
const maxKeys = 16

// MaxPrevious secrets are published beside the one that signs and the next one.
const MaxPrevious = maxKeys - 2

var errNoKeys = errors.New("the key set holds no Ed25519 key for signatures")

// thumbprint is the key's name (RFC 7638, RFC 8037 appendix A.3): SHA-256 over
// its required members in alphabetical order, so that a name fits one key only.
func thumbprint(key ed25519.PublicKey) string {
	sum := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + base64.RawURLEncoding.EncodeToString(key) + `"}`))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func publish(keys []ed25519.PublicKey) ([]byte, error) {
	set := jwks{Keys: make([]jwk, 0, len(keys))}
	for _, key := range keys {
		set.Keys = append(set.Keys, jwk{
			Type: "OKP", Curve: "Ed25519", X: base64.RawURLEncoding.EncodeToString(key),
			Use: "sig", Algorithm: "EdDSA", KeyID: thumbprint(key),
		})
	}
	return json.Marshal(set)
}

// readJWKS gives the usable keys of a set by their kid. Keys of other kinds are
// passed over, as RFC 7517 section 5 asks; a kid that is not the key's own
// thumbprint is a mistake or an attack, and its key is passed over too.
func readJWKS(data []byte) (map[string]ed25519.PublicKey, error) {
	var set jwks
	if err := json.Unmarshal(data, &set); err != nil {
		return nil, fmt.Errorf("read key set: %w", err)
	}
	keys := make(map[string]ed25519.PublicKey)
	for _, k := range set.Keys[:min(len(set.Keys), maxKeys)] {
		if key, ok := k.publicKey(); ok {
			keys[k.KeyID] = key
		}
	}
	if len(keys) == 0 {
		return nil, errNoKeys
	}
	return keys, nil
}

func (k jwk) publicKey() (ed25519.PublicKey, bool) {
	x, err := base64.RawURLEncoding.Strict().DecodeString(k.X)
	key := ed25519.PublicKey(x)
	ok := err == nil && k.Type == "OKP" && k.Curve == "Ed25519" && len(x) == ed25519.PublicKeySize &&
		(k.Use == "" || k.Use == "sig") && (k.Algorithm == "" || k.Algorithm == "EdDSA" || k.Algorithm == "Ed25519")
	return key, ok && k.KeyID == thumbprint(key)
}
