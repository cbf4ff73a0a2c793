// Package token makes and verifies access tokens: short-lived JWTs signed with
// Ed25519 by the auth service, which every service verifies by itself, without
// a network call in the common case.
package token

import (
	"time"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/internal/compact"
)

const (
	// Issuer of every access token.
	Issuer = "loveapp-auth"
	// Audience of every access token.
	Audience = "loveapp"

	// MaxLength of an access token in bytes.
	MaxLength = compact.MaxLength

	mediaType = "at+jwt" // RFC 9068 section 2.1: no other kind of JWT can pass for an access token
)

// The roles that a token may carry.
const (
	RoleUser       = "USER"
	RoleProvider   = "PROVIDER"
	RoleVolunteer  = "VOLUNTEER"
	RoleAdmin      = "ADMIN"
	RoleSuperAdmin = "SUPER_ADMIN"
)

// What a client is told. None, malformed and forged are one answer, so that a
// forger learns nothing; only the other two tell an honest client what to do.
var (
	ErrUnauthenticated = fault.New(fault.Unauthenticated, "unauthenticated", "A valid access token is needed.")
	ErrExpired         = fault.New(fault.Unauthenticated, "token_expired", "The access token has expired; refresh it and try again.")
	ErrSessionEnded    = fault.New(fault.Unauthenticated, "session_ended", "The session has ended.")
	ErrForbidden       = fault.New(fault.Forbidden, "forbidden", "Your role does not allow this.")
)

// Claims is who the bearer is. Times are UTC in milliseconds.
type Claims struct {
	Subject   string // user id
	SessionID string
	ID        string // of this token
	Role      string
	IssuedAt  time.Time
	NotBefore time.Time // left zero when signing: the same as IssuedAt
	ExpiresAt time.Time
}

// wire is Claims as they are written.
type wire struct {
	Issuer    string       `json:"iss"`
	Audience  string       `json:"aud"`
	Subject   string       `json:"sub"`
	ExpiresAt compact.Date `json:"exp"`
	IssuedAt  compact.Date `json:"iat"`
	NotBefore compact.Date `json:"nbf"`
	ID        string       `json:"jti"`
	SessionID string       `json:"sid"`
	Role      string       `json:"role"`
}

// complete: every claim is required, of the right issuer and audience, and the
// times are in an order that makes sense.
func (w wire) complete() bool {
	return w.Issuer == Issuer && w.Audience == Audience &&
		w.Subject != "" && w.ID != "" && w.SessionID != "" && isRole(w.Role) &&
		w.IssuedAt > 0 && w.NotBefore > 0 && w.ExpiresAt > w.IssuedAt
}

func isRole(role string) bool {
	switch role {
	case RoleUser, RoleProvider, RoleVolunteer, RoleAdmin, RoleSuperAdmin:
		return true
	default:
		return false
	}
}

func (w wire) claims() Claims {
	return Claims{
		Subject: w.Subject, SessionID: w.SessionID, ID: w.ID, Role: w.Role,
		IssuedAt: w.IssuedAt.Time(), NotBefore: w.NotBefore.Time(), ExpiresAt: w.ExpiresAt.Time(),
	}
}

func (c Claims) wire() wire {
	if c.NotBefore.IsZero() {
		c.NotBefore = c.IssuedAt
	}
	return wire{
		Issuer: Issuer, Audience: Audience, Subject: c.Subject, SessionID: c.SessionID, ID: c.ID, Role: c.Role,
		IssuedAt: compact.DateOf(c.IssuedAt), NotBefore: compact.DateOf(c.NotBefore), ExpiresAt: compact.DateOf(c.ExpiresAt),
	}
}
