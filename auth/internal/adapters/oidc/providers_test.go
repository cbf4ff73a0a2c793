package oidc_test

import (
	"errors"
	"maps"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/loveapp/backend/auth/authtest"
	"github.com/loveapp/backend/auth/internal/adapters/oidc"
	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports/portstest"
	"github.com/loveapp/backend/shared/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// at is the moment at which all tokens here are shown; it does not pass.
var at = time.Unix(1_800_000_000, 0)

func trusting(t *testing.T, p oidc.Provider) *oidc.Providers {
	t.Helper()
	providers := oidc.New([]oidc.Provider{p}, func() time.Time { return at })
	t.Cleanup(providers.Close)
	return providers
}

func token(issuer *authtest.Issuer, changes map[string]any) domain.ProviderToken {
	claims := map[string]any{"iss": issuer.URL, "aud": "app", "sub": "7", "iat": at.Unix(), "exp": at.Add(time.Hour).Unix(), "nonce": "n"}
	maps.Copy(claims, changes)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	return domain.ProviderToken{Provider: "acme", IDToken: issuer.Sign(claims), Nonce: "n"}
}

func TestATokenSaysWhoItsOwnerIs(t *testing.T) {
	t.Parallel()
	issuer := authtest.NewIssuer(t)
	p := trusting(t, oidc.Provider{Name: "acme", Issuer: issuer.URL, Audiences: []string{"other", "app"}})
	got, err := p.Identify(t.Context(), token(issuer, map[string]any{"email": "a@example.org", "email_verified": "true", "given_name": "A", "auth_time": at.Unix() - 60}))
	want := domain.Identity{Provider: "acme", Subject: "7", Email: "a@example.org", EmailVerified: true, FirstName: "A", ProvenAt: at.Add(-time.Minute)}
	if err != nil || got != want {
		t.Fatalf("%+v %v", got, err)
	}
}

func TestOnlyFirebaseNeedsNoNonce(t *testing.T) {
	t.Parallel()
	issuer := authtest.NewIssuer(t)
	for nonceless, want := range map[bool]error{true: nil, false: domain.ErrIDToken} {
		p := trusting(t, oidc.Provider{Name: "acme", Issuer: issuer.URL, Audiences: []string{"app"}, Nonceless: nonceless})
		if _, err := p.Identify(t.Context(), token(issuer, map[string]any{"nonce": nil})); !errors.Is(err, want) {
			t.Errorf("nonceless %v: %v", nonceless, err)
		}
		if _, err := p.Identify(t.Context(), token(issuer, map[string]any{"nonce": "another"})); !errors.Is(err, domain.ErrIDToken) {
			t.Errorf("nonceless %v, another nonce: %v", nonceless, err)
		}
	}
}

// TestForgeriesDoNotFloodAProvider: five looks are allowed at once, and here no time passes.
func TestForgeriesDoNotFloodAProvider(t *testing.T) {
	t.Parallel()
	issuer := authtest.NewIssuer(t)
	p := trusting(t, oidc.Provider{Name: "acme", Issuer: issuer.URL, Audiences: []string{"app"}})
	good := token(issuer, nil)
	if _, err := p.Identify(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	issuer.Rotate("unknown")
	forged := token(issuer, nil)
	issuer.Rotate("first")
	away := 0
	for range 20 {
		_, err := p.Identify(t.Context(), forged)
		if fault.From(err).Kind == fault.Unavailable {
			away++
		}
	}
	if asked := issuer.Asked(); asked > 5 || away == 0 {
		t.Errorf("asked %d times, %d were told to come again", asked, away)
	}
	if _, err := p.Identify(t.Context(), good); err != nil {
		t.Errorf("a good token meanwhile: %v", err)
	}
}

func TestProviders(t *testing.T) {
	t.Parallel()
	portstest.Providers(t, func(t *testing.T) portstest.ProvidersSubject {
		t.Helper()
		issuer := authtest.NewIssuer(t)
		return portstest.ProvidersSubject{
			Providers: trusting(t, oidc.Provider{Name: "acme", Issuer: issuer.URL, Audiences: []string{"app"}}), Issuer: issuer.URL,
			Now: func() time.Time { return at }, Sign: issuer.Sign, Stop: issuer.Stop,
		}
	})
}
