// Package oidc verifies the ID tokens of identity providers (OpenID Connect
// Core 1.0) with their published keys.
package oidc

import (
	"context"
	"net/http"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
)

// Provider is one that this service trusts.
type Provider struct {
	Name   string // in the path
	Issuer string // exactly as its tokens say it
	// Audiences are the client ids of our apps there.
	Audiences []string
	// Nonceless is for Firebase, whose tokens hold no nonce.
	Nonceless bool
}

// Google is Google's accounts.
func Google(clients []string) Provider {
	return Provider{Name: "google", Issuer: "https://accounts.google.com", Audiences: clients}
}

// Apple is Sign in with Apple; clients are bundle and service ids.
func Apple(clients []string) Provider {
	return Provider{Name: "apple", Issuer: "https://appleid.apple.com", Audiences: clients}
}

// Firebase is the users of a Firebase project.
func Firebase(project string) Provider {
	return Provider{Name: "firebase", Issuer: "https://securetoken.google.com/" + project, Audiences: []string{project}, Nonceless: true}
}

// Providers is a ports.Providers.
type Providers struct {
	byName map[string]*verifier
	now    func() time.Time
}

// New trusts the providers; now is the clock that tokens expire by. Nothing is
// asked of a provider before the first token is shown.
func New(providers []Provider, now func() time.Time) *Providers {
	p := &Providers{byName: map[string]*verifier{}, now: now}
	for _, one := range providers {
		p.byName[one.Name] = &verifier{provider: one, now: now, client: newClient(now)}
	}
	return p
}

// Identify implements ports.Providers.
func (p *Providers) Identify(ctx context.Context, token domain.ProviderToken) (domain.Identity, error) {
	v, known := p.byName[token.Provider]
	if !known {
		return domain.Identity{}, domain.ErrProviderUnknown
	}
	return v.identify(ctx, token)
}

// Close gives up what waits for the providers.
func (p *Providers) Close() {
	for _, v := range p.byName {
		v.client.CloseIdleConnections()
	}
}

// fetchLimit leaves of an app's five seconds enough to be told to come again.
const fetchLimit = 3 * time.Second

func newClient(now func() time.Time) *http.Client {
	return &http.Client{Timeout: fetchLimit, Transport: newGate(now)}
}
