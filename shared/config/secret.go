package config

import (
	"fmt"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is a string that cannot be printed by accident: every formatting,
// JSON and slog path shows a placeholder. Only Value gives it away.
type Secret string

// Value gives the secret itself; call it only where it is used.
func (s Secret) Value() string { return string(s) }

// String hides the secret from %s, %v and Println.
func (s Secret) String() string { return redacted }

// Format hides the secret from every verb, %x and %q included.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalText hides the secret from encoding/json and other encoders.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue hides the secret from slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// minSecretBytes: an HMAC-SHA256 or HKDF secret below its output size is the weakest link (RFC 2104 section 3).
const minSecretBytes = 32

// exampleSecrets are the values that documentation prints; somebody will paste them.
var exampleSecrets = map[Secret]bool{
	"your-super-secure-secret":                        true,
	"your-super-secure-secret-of-at-least-32-bytes":   true,
	"change-me-change-me-change-me-change-me":         true,
	"replace-with-the-output-of-openssl-rand-hex-32":  true,
	"0123456789abcdef0123456789abcdef":                true,
	"00000000000000000000000000000000":                true,
	"dev-secret-dev-secret-dev-secret-dev-secret-dev": true,
}

// CheckSecret says in one sentence what is wrong with the secret of the named
// variable, "" where nothing is: missing, an example, or under 32 bytes.
func CheckSecret(name string, s Secret) string {
	switch {
	case s == "":
		return name + " is not set: give it the output of `openssl rand -hex 32`"
	case exampleSecrets[s]:
		return name + " is an example from the documentation: give it the output of `openssl rand -hex 32`"
	case len(s) < minSecretBytes:
		return fmt.Sprintf("%s has %d bytes and needs at least %d: give it the output of `openssl rand -hex 32`", name, len(s), minSecretBytes)
	}
	return ""
}
