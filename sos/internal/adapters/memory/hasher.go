package memory

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// Hasher hashes in no time at all, which is what makes it unfit for anything but tests.
type Hasher struct{}

// Hash implements ports.Hasher.
func (Hasher) Hash(ctx context.Context, secret string) (string, error) {
	salt := rand.Text()
	return salt + "$" + digest(salt, secret), ctx.Err()
}

// Check implements ports.Hasher.
func (Hasher) Check(ctx context.Context, secret, hash string) (matches, stale bool, err error) {
	salt, sum, _ := strings.Cut(hash, "$")
	return hash != "" && sum == digest(salt, secret), false, ctx.Err()
}

func digest(salt, secret string) string {
	sum := sha256.Sum256([]byte(salt + secret))
	return base64.RawStdEncoding.EncodeToString(sum[:])
}
