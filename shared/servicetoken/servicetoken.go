// Package servicetoken lets services prove to each other who is calling: JWTs
// of a minute, signed with a key that only the services hold.
package servicetoken

import (
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/internal/compact"
)

// The services, as they stand in iss and aud.
const (
	Gateway      = "gateway"
	Auth         = "auth"
	Notification = "notification"
	SOS          = "sos"
)

const (
	// Lifetime of a token. Its bearer cannot be revoked sooner.
	Lifetime = time.Minute

	reuse     = Lifetime / 2    // one signature serves this long, so that hot paths do not sign per call
	skew      = 5 * time.Second // how far the caller's clock may be ahead
	keyInfo   = "loveapp service token v1"
	mediaType = "service+jwt" // RFC 8725 section 3.11: never taken for an access token, nor the other way round
)

// What a caller is told.
var (
	ErrUnauthenticated = fault.New(fault.Unauthenticated, "unauthenticated", "A valid service token is needed.")
	ErrForbidden       = fault.New(fault.Forbidden, "forbidden", "This service may not call here.")
)

// Config holds INTERNAL_SECRET; only Secret is required. A rotation that refuses
// nobody takes two rounds: first the new secret as Previous everywhere, so that
// all can verify it, then the two exchanged.
type Config struct {
	Secret   config.Secret    // signs and verifies
	Previous config.Secret    // only verifies
	Now      func() time.Time // nil = time.Now
}

// Keys signs and verifies service tokens. It may be used by many goroutines.
type Keys struct {
	keys [][]byte // the first one signs
	now  func() time.Time

	mu     sync.Mutex
	signed map[pair]signed // as many as there are pairs of services
}

type pair struct{ caller, callee string }

type signed struct {
	raw   string
	until time.Time
}

type claims struct {
	Issuer    string       `json:"iss"`
	Audience  string       `json:"aud"`
	IssuedAt  compact.Date `json:"iat"`
	ExpiresAt compact.Date `json:"exp"`
	ID        string       `json:"jti"`
}

// New derives the keys. It refuses a secret under 32 bytes.
func New(cfg Config) (*Keys, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	k := &Keys{now: cfg.Now, signed: make(map[pair]signed)}
	for i, secret := range []config.Secret{cfg.Secret, cfg.Previous} {
		if i > 0 && secret == "" {
			continue
		}
		key, err := derive(secret)
		if err != nil {
			return nil, err
		}
		k.keys = append(k.keys, key)
	}
	return k, nil
}

func derive(secret config.Secret) ([]byte, error) {
	if len(secret.Value()) < sha256.Size {
		return nil, fmt.Errorf("internal secret: needs at least %d bytes", sha256.Size)
	}
	return hkdf.Key(sha256.New, []byte(secret.Value()), nil, keyInfo, sha256.Size)
}

// Sign gives a token with which caller may call callee for at least 30 seconds.
func (k *Keys) Sign(caller, callee string) (string, error) {
	if caller == "" || callee == "" {
		return "", errors.New("sign service token: caller and callee are required")
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.now()
	if s, ok := k.signed[pair{caller, callee}]; ok && now.Before(s.until) {
		return s.raw, nil
	}
	raw, err := compact.Sign(jwt.SigningMethodHS256, k.keys[0], compact.Header{Type: mediaType}, claims{
		Issuer: caller, Audience: callee, ID: idgen.NewV7(),
		IssuedAt: compact.DateOf(now), ExpiresAt: compact.DateOf(now.Add(Lifetime)),
	})
	if err != nil {
		return "", err
	}
	k.signed[pair{caller, callee}] = signed{raw, now.Add(reuse)}
	return raw, nil
}

// Verify tells who calls with raw, a token made for callee. Every failure is ErrUnauthenticated.
func (k *Keys) Verify(raw, callee string) (caller string, err error) {
	parsed, err := compact.Parse(raw)
	if err != nil || parsed.Header.Type != mediaType || parsed.Header.KeyID != "" {
		return "", ErrUnauthenticated
	}
	for _, key := range k.keys {
		var c claims
		if parsed.Verify(jwt.SigningMethodHS256, key, &c) == nil {
			return c.caller(callee, k.now())
		}
	}
	return "", ErrUnauthenticated
}

func (c claims) caller(callee string, now time.Time) (string, error) {
	ok := c.Issuer != "" && callee != "" && c.Audience == callee && c.ID != "" && c.IssuedAt > 0 &&
		!c.IssuedAt.Time().After(now.Add(skew)) &&
		now.Before(c.ExpiresAt.Time()) && c.ExpiresAt-c.IssuedAt <= compact.Date(Lifetime.Milliseconds())
	if !ok {
		return "", ErrUnauthenticated
	}
	return c.Issuer, nil
}
