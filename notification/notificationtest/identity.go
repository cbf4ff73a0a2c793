package notificationtest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/adapters/memory"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/servicetoken"
	"github.com/loveapp/backend/shared/token"
)

// identity is whose word the service takes for who somebody is.
type identity struct {
	signer      *token.Signer // nil where an auth has the word
	keys        token.KeySource
	revocations token.Revocations
	revoked     *revoked
	services    *servicetoken.Keys
	background  []func(context.Context) error
	devices     *memory.Devices
}

func newIdentity(tb testing.TB, o Options) *identity {
	tb.Helper()
	services, err := servicetoken.New(servicetoken.Config{Secret: o.InternalSecret, Now: o.Now})
	if err != nil {
		tb.Fatal(err)
	}
	if len(o.AuthURLs) > 0 {
		return byAuth(tb, o, services)
	}
	signer, err := token.NewSigner(token.SignerConfig{Secret: o.JWTSecret})
	if err != nil {
		tb.Fatal(err)
	}
	own := &revoked{sessions: map[string]bool{}}
	return &identity{signer: signer, keys: signer, revocations: own, revoked: own, services: services, devices: o.Backplane.devices}
}

// byAuth asks the way the real service does.
func byAuth(tb testing.TB, o Options, services *servicetoken.Keys) *identity {
	tb.Helper()
	keys, err := token.NewRemoteKeys(token.RemoteKeysConfig{URLs: o.AuthURLs, Now: o.Now, Logger: o.Logger})
	if err != nil {
		tb.Fatal(err)
	}
	feed, err := token.NewRevocationFeed(token.FeedConfig{
		URLs: o.AuthURLs, Interval: 100 * time.Millisecond, Ledger: o.Backplane.devices, Logger: o.Logger, Now: o.Now,
		Redis: func(context.Context) error { return nil }, // the clock may be moved: then auth has not answered lately
		Token: func() (string, error) { return services.Sign(servicetoken.Notification, servicetoken.Auth) },
	})
	if err != nil {
		tb.Fatal(err)
	}
	return &identity{keys: keys, revocations: feed, services: services, background: []func(context.Context) error{feed.Run}}
}

// revoked is what a test has ended.
type revoked struct {
	mu       sync.RWMutex
	sessions map[string]bool
}

// Revoked is the token.Revocations side.
func (r *revoked) Revoked(c token.Claims) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.sessions[c.SessionID]
}

// Token signs an access token of 15 minutes, for a service without an auth.
func (n *Notification) Token(userID, sessionID, role string) string {
	n.tb.Helper()
	return n.TokenUntil(userID, sessionID, role, n.now().Add(15*time.Minute))
}

// TokenUntil signs an access token that ends at expiresAt.
func (n *Notification) TokenUntil(userID, sessionID, role string, expiresAt time.Time) string {
	n.tb.Helper()
	if n.identity.signer == nil {
		n.tb.Fatal("tokens are auth's to sign here")
	}
	raw, err := n.identity.signer.Sign(token.Claims{
		Subject: userID, SessionID: sessionID, ID: idgen.NewV7(), Role: role, IssuedAt: n.now().Add(-time.Second), ExpiresAt: expiresAt,
	})
	if err != nil {
		n.tb.Fatal(err)
	}
	return raw
}

// Revoke ends a session, for a service without an auth.
func (n *Notification) Revoke(sessionID string) {
	n.tb.Helper()
	if n.identity.revoked == nil {
		n.tb.Fatal("sessions are auth's to end here")
	}
	n.identity.revoked.mu.Lock()
	defer n.identity.revoked.mu.Unlock()
	n.identity.revoked.sessions[sessionID] = true
	if _, err := n.identity.devices.EndSessions(n.tb.Context(), []domain.SessionID{domain.SessionID(sessionID)}); err != nil {
		n.tb.Errorf("end the devices of a session: %v", err)
	}
}

// ServiceToken is with which caller (sos, auth …) may call this service.
func (n *Notification) ServiceToken(caller string) string {
	n.tb.Helper()
	raw, err := n.identity.services.Sign(caller, servicetoken.Notification)
	if err != nil {
		n.tb.Fatal(err)
	}
	return raw
}
