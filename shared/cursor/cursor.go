// Package cursor makes the opaque, tamper-proof positions that lists hand to
// clients as nextCursor and take back as ?cursor=.
package cursor

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/loveapp/backend/shared/fault"
)

const (
	// MaxLength is the longest cursor in characters, made or accepted.
	MaxLength = 512

	tagSize = 16 // HMAC-SHA256 truncated to 128 bits (RFC 2104 section 5)
	info    = "loveapp cursor v1"
)

// ErrInvalid: the cursor was not made by this list, or was changed on the way.
var ErrInvalid = fault.New(fault.Malformed, "invalid_cursor", "The cursor is not one of this list; start again without one.")

var encoding = base64.RawURLEncoding

// Codec seals and opens cursors. The zero value opens nothing and panics on Encode.
type Codec struct{ keys [][]byte }

// New makes a codec that seals with key and also opens what previous keys
// sealed, so that a rotation does not break a client in the middle of a list.
// Keys may be secrets used elsewhere too: a key of its own is derived from each.
// An empty key panics, because then anybody could make cursors.
func New(key []byte, previous ...[]byte) Codec {
	if len(key) == 0 {
		panic("cursor: the key is empty")
	}
	codec := Codec{keys: [][]byte{derive(key)}}
	for _, old := range previous {
		if len(old) > 0 {
			codec.keys = append(codec.keys, derive(old))
		}
	}
	return codec
}

func derive(secret []byte) []byte {
	key, err := hkdf.Key(sha256.New, secret, nil, info, sha256.Size)
	if err != nil { // only a length beyond 255 hashes fails
		panic(err)
	}
	return key
}

// Encode seals v, which holds keys and times, as at most MaxLength characters.
// What v holds is readable by the client. It panics when v is no JSON or too
// long: both are defects of the caller that its first test finds.
func (c Codec) Encode(v any) string {
	payload, err := json.Marshal(v, jsontext.AllowInvalidUTF8(true))
	if err != nil {
		panic(fmt.Errorf("cursor: %w", err))
	}
	sealed := encoding.EncodeToString(append(tag(c.keys[0], payload), payload...))
	if len(sealed) > MaxLength {
		panic(fmt.Sprintf("cursor: %d characters, the limit is %d", len(sealed), MaxLength))
	}
	return sealed
}

// Decode opens s into dst. Whatever does not open exactly fails with ErrInvalid.
func (c Codec) Decode(s string, dst any) error {
	if len(s) > MaxLength {
		return ErrInvalid
	}
	sealed, err := encoding.DecodeString(s)
	// DecodeString skips line breaks and stray bits: a round trip proves that s is the one spelling.
	if err != nil || len(sealed) <= tagSize || encoding.EncodeToString(sealed) != s {
		return ErrInvalid
	}
	if !c.authentic(sealed) {
		return ErrInvalid
	}
	if err := json.Unmarshal(sealed[tagSize:], dst, json.RejectUnknownMembers(true)); err != nil {
		return ErrInvalid.WithCause(err) // sealed by another list, or by an older version of this one
	}
	return nil
}

func (c Codec) authentic(sealed []byte) bool {
	for _, key := range c.keys {
		if hmac.Equal(tag(key, sealed[tagSize:]), sealed[:tagSize]) {
			return true
		}
	}
	return false
}

func tag(key, payload []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(payload)
	return mac.Sum(nil)[:tagSize]
}
