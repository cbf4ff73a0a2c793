package sostest

import (
	"context"
	"sync"
	"time"

	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/token"
	"github.com/loveapp/backend/sos/internal/app"
	"github.com/loveapp/backend/sos/internal/domain"
)

// TokenOptions change the access token that TokenWith makes.
type TokenOptions struct {
	Role    string // "" = USER
	Session string // "" = a new one
	// Expired makes a token that was good until a minute ago.
	Expired bool
}

// Token is an access token of the user, as auth would sign it.
func (s *SOS) Token(user string) string { return s.TokenWith(user, TokenOptions{}) }

// TokenWith is Token with a choice.
func (s *SOS) TokenWith(user string, o TokenOptions) string {
	s.tb.Helper()
	if o.Role == "" {
		o.Role = token.RoleUser
	}
	if o.Session == "" {
		o.Session = idgen.NewV7()
	}
	issued := s.Now()
	if o.Expired {
		issued = issued.Add(-16 * time.Minute)
	}
	raw, err := s.signer.Sign(token.Claims{
		Subject: user, SessionID: o.Session, ID: idgen.NewV7(), Role: o.Role, IssuedAt: issued, ExpiresAt: issued.Add(15 * time.Minute),
	})
	s.must(err)
	return raw
}

// SOSCredential is what opens calls for help of the user, as auth would sign it.
func (s *SOS) SOSCredential(user, session string) string {
	s.tb.Helper()
	now := s.Now()
	raw, err := s.signer.SignSOS(token.SOSClaims{Subject: user, SessionID: session, IssuedAt: now, ExpiresAt: now.Add(token.SOSLifetime)})
	s.must(err)
	return raw
}

// ReauthToken is what auth gives somebody who has just typed their password.
func (s *SOS) ReauthToken(user string) string {
	s.tb.Helper()
	now := s.Now()
	raw, err := s.signer.SignReauth(token.ReauthClaims{Subject: user, SessionID: idgen.NewV7(), IssuedAt: now, ExpiresAt: now.Add(token.ReauthLifetime)})
	s.must(err)
	return raw
}

// SignOut ends a session, as auth's list of revocations would say.
func (s *SOS) SignOut(session string) { s.revoked.add(session) }

// SetName is what auth says when it is asked for somebody's name.
func (s *SOS) SetName(user, name string) { s.directory.Set(domain.UserID(user), name) }

// FailNames makes auth fail when it is asked; nil ends that.
func (s *SOS) FailNames(err error) { s.directory.Fail(err) }

// SetStaff is whom auth names as administrators; they are alarmed from now on.
func (s *SOS) SetStaff(users ...string) {
	s.tb.Helper()
	staff := make([]domain.UserID, 0, len(users))
	for _, user := range users {
		staff = append(staff, domain.UserID(user))
	}
	s.roster.Set(staff...)
	s.must(s.service.RefreshStaff(s.tb.Context()))
}

// signedOut is a token.Revocations.
type signedOut struct {
	mu       sync.Mutex
	sessions map[string]bool
	silent   bool
}

// SilenceAuthAndRedis leaves nobody to say who has been signed out; false ends that.
func (s *SOS) SilenceAuthAndRedis(silent bool) {
	s.revoked.mu.Lock()
	defer s.revoked.mu.Unlock()
	s.revoked.silent = silent
}

// Informed is what token.Verifier asks.
func (o *signedOut) Informed(context.Context) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.silent
}

func (o *signedOut) add(session string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.sessions == nil {
		o.sessions = make(map[string]bool)
	}
	o.sessions[session] = true
}

// Revoked implements token.Revocations.
func (o *signedOut) Revoked(c token.Claims) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.sessions[c.SessionID]
}

// VerifyAddresses gives the user addresses that auth has seen proof of; "" is none.
func (s *SOS) VerifyAddresses(user, email, phone string) {
	s.directory.Verify(domain.UserID(user), domain.Addresses{Email: email, Phone: phone})
}

// ConsentTokens are what the messages to the address would carry.
func (s *SOS) ConsentTokens(address string) []string {
	s.tb.Helper()
	links, err := app.NewLinks("", s.InternalSecret.Value(), "")
	s.must(err)
	var tokens []string
	for _, request := range s.store.Asked(address) {
		tokens = append(tokens, links.ConsentToken(request.ID))
	}
	return tokens
}
