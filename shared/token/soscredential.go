package token

import (
	"context"
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/loveapp/backend/shared/internal/compact"
)

const (
	// SOSAudience of every SOS credential: not that of access tokens.
	SOSAudience = "loveapp-sos"
	// SOSLifetime is how long a phone that nobody opens can still call for help:
	// as long as a session may lie unused.
	SOSLifetime = 400 * 24 * time.Hour

	sosMediaType = "sos+jwt" // RFC 8725 section 3.11: never taken for an access token, nor the other way round
)

// RevocationChannel is the Redis channel on which auth publishes the newest
// revision of its revocations, in decimal: whoever hears it nudges their feed.
const RevocationChannel = "auth:revocations"

// SOSClaims is who may call for help with a credential. It opens calls for help
// and nothing else. Times are UTC in milliseconds.
type SOSClaims struct {
	Subject   string // user id
	SessionID string // the credential ends with it
	IssuedAt  time.Time
	ExpiresAt time.Time
}

type sosWire struct {
	Issuer    string       `json:"iss"`
	Audience  string       `json:"aud"`
	Subject   string       `json:"sub"`
	SessionID string       `json:"sid"`
	IssuedAt  compact.Date `json:"iat"`
	ExpiresAt compact.Date `json:"exp"`
}

func (w sosWire) complete() bool {
	return w.Issuer == Issuer && w.Audience == SOSAudience && w.Subject != "" && w.SessionID != "" && w.IssuedAt > 0 && w.ExpiresAt > w.IssuedAt
}

// SignSOS writes the claims as an SOS credential. It refuses claims that no verifier would take.
func (s *Signer) SignSOS(c SOSClaims) (string, error) {
	w := sosWire{
		Issuer: Issuer, Audience: SOSAudience, Subject: c.Subject, SessionID: c.SessionID,
		IssuedAt: compact.DateOf(c.IssuedAt), ExpiresAt: compact.DateOf(c.ExpiresAt),
	}
	if !w.complete() {
		return "", errors.New("sign SOS credential: claims are incomplete or out of order")
	}
	return compact.Sign(jwt.SigningMethodEdDSA, s.private, compact.Header{Type: sosMediaType, KeyID: s.header.KeyID}, w)
}

// VerifySOS checks an SOS credential as Verify does an access token, and fails
// like it. An access token is none, nor the other way round. What has been
// revoked is known for as long as the Revocations keep it: whoever accepts
// credentials keeps those of 400 days.
func (v *Verifier) VerifySOS(ctx context.Context, raw string) (SOSClaims, error) {
	parsed, err := compact.Parse(raw)
	if err != nil || parsed.Header.Algorithm != jwt.SigningMethodEdDSA.Alg() || parsed.Header.Type != sosMediaType || parsed.Header.KeyID == "" {
		return SOSClaims{}, ErrUnauthenticated
	}
	key, err := v.keys.Key(ctx, parsed.Header.KeyID)
	if errors.Is(err, ErrUnknownKey) {
		return SOSClaims{}, ErrUnauthenticated
	}
	if err != nil {
		return SOSClaims{}, err
	}
	now := v.now()
	var w sosWire
	if parsed.Verify(jwt.SigningMethodEdDSA, key, &w) != nil || !w.complete() || w.IssuedAt > compact.DateOf(now.Add(Skew)) {
		return SOSClaims{}, ErrUnauthenticated
	}
	return v.judgeSOS(SOSClaims{Subject: w.Subject, SessionID: w.SessionID, IssuedAt: w.IssuedAt.Time(), ExpiresAt: w.ExpiresAt.Time()}, now)
}

// judgeSOS heeds no cut-off: those are for what says a role. A credential says
// none, and ends with its session only; a phone in a drawer must not lose it
// because its owner became a volunteer.
func (v *Verifier) judgeSOS(c SOSClaims, now time.Time) (SOSClaims, error) {
	if v.ended(c.Subject, c.SessionID, now) {
		return SOSClaims{}, ErrSessionEnded
	}
	if !now.Before(c.ExpiresAt) {
		return c, ErrExpired
	}
	return c, nil
}
