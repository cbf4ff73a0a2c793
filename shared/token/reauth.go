package token

import (
	"context"
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/internal/compact"
)

const (
	// ReauthAudience of every reauthentication token: not that of access tokens.
	ReauthAudience = "loveapp-reauth"
	// ReauthLifetime is how long having typed the password counts.
	ReauthLifetime = 5 * time.Minute

	reauthMediaType = "reauth+jwt" // RFC 8725 section 3.11: it opens nothing by itself
)

// ErrReauthRequired is the one answer to a reauthentication token that is
// forged, expired, revoked or somebody else's. It is no 401: the access token
// beside it is good, and refreshing that would not help.
var ErrReauthRequired = fault.New(fault.Forbidden, "reauthentication_required", "Prove again who you are, and send the reauthToken that you get for it.")

// ReauthClaims is who has just proved who they are. Times are UTC in milliseconds.
type ReauthClaims struct {
	Subject   string // user id
	SessionID string // the token ends with it
	IssuedAt  time.Time
	ExpiresAt time.Time
}

type reauthWire struct {
	Issuer    string       `json:"iss"`
	Audience  string       `json:"aud"`
	Subject   string       `json:"sub"`
	SessionID string       `json:"sid"`
	IssuedAt  compact.Date `json:"iat"`
	ExpiresAt compact.Date `json:"exp"`
}

// complete: whatever the signer says, having typed a password never counts for longer than ReauthLifetime.
func (w reauthWire) complete() bool {
	return w.Issuer == Issuer && w.Audience == ReauthAudience && w.Subject != "" && w.SessionID != "" &&
		w.IssuedAt > 0 && w.ExpiresAt > w.IssuedAt && w.ExpiresAt.Time().Sub(w.IssuedAt.Time()) <= ReauthLifetime
}

// SignReauth writes the claims as a reauthentication token. It refuses claims that no verifier would take.
func (s *Signer) SignReauth(c ReauthClaims) (string, error) {
	w := reauthWire{
		Issuer: Issuer, Audience: ReauthAudience, Subject: c.Subject, SessionID: c.SessionID,
		IssuedAt: compact.DateOf(c.IssuedAt), ExpiresAt: compact.DateOf(c.ExpiresAt),
	}
	if !w.complete() {
		return "", errors.New("sign reauthentication token: claims are incomplete, out of order or live too long")
	}
	return compact.Sign(jwt.SigningMethodEdDSA, s.private, compact.Header{Type: reauthMediaType, KeyID: s.header.KeyID}, w)
}

// VerifyReauth checks that the user has proved lately who they are. It fails
// with ErrReauthRequired, or with a fault of kind Unavailable where the keys
// cannot be had.
func (v *Verifier) VerifyReauth(ctx context.Context, raw, user string) error {
	parsed, err := compact.Parse(raw)
	if err != nil || parsed.Header.Algorithm != jwt.SigningMethodEdDSA.Alg() || parsed.Header.Type != reauthMediaType || parsed.Header.KeyID == "" {
		return ErrReauthRequired
	}
	key, err := v.keys.Key(ctx, parsed.Header.KeyID)
	if errors.Is(err, ErrUnknownKey) {
		return ErrReauthRequired
	}
	if err != nil {
		return err
	}
	now := v.now()
	var w reauthWire
	if parsed.Verify(jwt.SigningMethodEdDSA, key, &w) != nil || !w.complete() || w.IssuedAt > compact.DateOf(now.Add(Skew)) {
		return ErrReauthRequired
	}
	revoked := v.revoked != nil && v.revoked.Revoked(Claims{Subject: w.Subject, SessionID: w.SessionID, IssuedAt: w.IssuedAt.Time()})
	if revoked || w.Subject != user || !now.Before(w.ExpiresAt.Time()) {
		return ErrReauthRequired
	}
	return nil
}
