package token

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/internal/compact"
)

// KeySource knows the public keys of auth.
//
// Key fails with ErrUnknownKey when no such key is published, and with a fault
// of kind Unavailable when it cannot tell.
type KeySource interface {
	Key(ctx context.Context, kid string) (ed25519.PublicKey, error)
}

// ErrUnknownKey: the key source has every published key, and this is none of them.
var ErrUnknownKey = errors.New("token: unknown key")

// Revocations knows what has been revoked although it has not expired. It
// answers from memory: it is asked on every request.
type Revocations interface {
	Revoked(claims Claims) bool
}

var errUninformed = fault.New(fault.Unavailable, "unavailable", "It cannot be told at the moment who may still do this. Try again shortly.").WithRetryAfter(time.Second)

// informed is what Revocations may implement, too.
type informed interface {
	Informed(ctx context.Context) bool
}

// Skew is how far the clocks of auth and of a verifier may be apart: iat and
// nbf may lie that much ahead. exp has no such leeway: an expired token is
// refreshed, which costs less than a token that outlives its word.
const Skew = 5 * time.Second

// VerifierConfig is what a Verifier needs; only Keys is required.
type VerifierConfig struct {
	Keys    KeySource
	Revoked Revocations      // nil where nothing is ever revoked
	Now     func() time.Time // nil = time.Now
	// Legacy is the secret of the monolith's tokens, "" where they are not taken.
	Legacy config.Secret
}

// Verifier tells who the bearer of a token is. It may be used by many goroutines.
type Verifier struct {
	keys    KeySource
	revoked Revocations
	now     func() time.Time
	legacy  *legacy // nil where the monolith's tokens are not taken
	cache   *cache
}

// NewVerifier refuses a config without keys.
func NewVerifier(cfg VerifierConfig) (*Verifier, error) {
	if cfg.Keys == nil {
		return nil, errors.New("token: a verifier needs a key source")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	legacy, err := newLegacy(cfg.Legacy)
	if err != nil {
		return nil, err
	}
	return &Verifier{keys: cfg.Keys, revoked: cfg.Revoked, now: cfg.Now, legacy: legacy, cache: newCache(cacheSize)}, nil
}

// Verify checks raw and gives its claims. It fails with ErrUnauthenticated, with
// ErrSessionEnded, with ErrExpired (the claims are filled: everything else about
// the token is right, and the session has not ended), or with a fault of kind
// Unavailable where the keys cannot be had.
func (v *Verifier) Verify(ctx context.Context, raw string) (Claims, error) {
	if len(raw) > MaxLength {
		return Claims{}, ErrUnauthenticated
	}
	now := v.now()
	sum := sha256.Sum256([]byte(raw))
	claims, known := v.cache.get(sum, now)
	if !known {
		var err error
		if claims, err = v.check(ctx, raw, now); err != nil {
			return Claims{}, err
		}
		v.cache.put(sum, claims, now)
	}
	return v.judge(claims, now)
}

// check is what never changes about a token: form, signature, claims.
func (v *Verifier) check(ctx context.Context, raw string, now time.Time) (Claims, error) {
	parsed, err := compact.Parse(raw)
	if err == nil && v.legacy.takes(parsed.Header) {
		return v.legacy.verify(parsed, now)
	}
	if err != nil || parsed.Header.Algorithm != jwt.SigningMethodEdDSA.Alg() || parsed.Header.Type != mediaType || parsed.Header.KeyID == "" {
		return Claims{}, ErrUnauthenticated
	}
	key, err := v.keys.Key(ctx, parsed.Header.KeyID)
	if errors.Is(err, ErrUnknownKey) {
		return Claims{}, ErrUnauthenticated
	}
	if err != nil {
		return Claims{}, err
	}
	var w wire
	if parsed.Verify(jwt.SigningMethodEdDSA, key, &w) != nil || !w.complete() || !w.begun(now) {
		return Claims{}, ErrUnauthenticated
	}
	return w.claims(), nil
}

func (w wire) begun(now time.Time) bool {
	limit := compact.DateOf(now.Add(Skew))
	return w.IssuedAt <= limit && w.NotBefore <= limit
}

// judge is what changes from one moment to the next, so it is asked of cached
// tokens too. An ended session comes before an expired token, because services
// that take an expired one (a call for help) must not take a revoked one. What a
// cut-off has overtaken says an old role and counts as expired: nobody has been
// signed out, and a refresh brings one with the new.
func (v *Verifier) judge(claims Claims, now time.Time) (Claims, error) {
	revoked := v.revoked != nil && v.revoked.Revoked(claims)
	if revoked && v.ended(claims.Subject, claims.SessionID, now) {
		return Claims{}, ErrSessionEnded
	}
	if revoked || !now.Before(claims.ExpiresAt) {
		return claims, ErrExpired
	}
	return claims, nil
}

// Informed fails with a fault of kind Unavailable while nobody can say what has been
// revoked lately. Administrators are refused then; everything else stays open.
func (v *Verifier) Informed(ctx context.Context) error {
	if who, ok := v.revoked.(informed); ok && !who.Informed(ctx) {
		return errUninformed
	}
	return nil
}

// beyond any cut-off, however far the clock that set it is ahead of ours.
const beyondCutoffs = 24 * time.Hour

// ended tells whether the session as such has: as of a moment that no cut-off is after.
func (v *Verifier) ended(subject, session string, now time.Time) bool {
	return v.revoked != nil && v.revoked.Revoked(Claims{Subject: subject, SessionID: session, IssuedAt: now.Add(beyondCutoffs)})
}
