package memory

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"

	"github.com/loveapp/backend/auth/internal/domain"
)

// Passwords hashes in no time at all, which is what makes it unfit for anything but tests.
type Passwords struct{}

const fastPrefix = "$fast$"

// Reserve always has a place.
func (Passwords) Reserve(ctx context.Context) (reserved context.Context, leave func(), err error) {
	return ctx, func() {}, nil
}

// Hash salts, and keeps the form of a PHC string.
func (Passwords) Hash(ctx context.Context, password domain.Password) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	salt := rand.Text()
	return fastPrefix + salt + "$" + digest(salt, password), nil
}

// Check compares. Nothing here is ever stale.
func (Passwords) Check(ctx context.Context, password domain.Password, hash string) (matches, stale bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, false, err
	}
	salt, sum, _ := strings.Cut(strings.TrimPrefix(hash, fastPrefix), "$")
	same := subtle.ConstantTimeCompare([]byte(sum), []byte(digest(salt, password))) == 1
	return same && hash != "", false, nil
}

func digest(salt string, password domain.Password) string {
	sum := sha256.Sum256([]byte(salt + string(password)))
	return base64.RawStdEncoding.EncodeToString(sum[:])
}
