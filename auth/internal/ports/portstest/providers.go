package portstest

import (
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
	"github.com/loveapp/backend/shared/fault"
)

// ProvidersSubject is providers that trust one issuer, called acme, for the client app.
type ProvidersSubject struct {
	Providers ports.Providers
	Issuer    string
	// Now is their clock.
	Now func() time.Time
	// Sign gives a token of the issuer.
	Sign func(claims map[string]any) string
	// Stop makes the issuer unreachable; nothing may have been asked of it before.
	Stop func()
}

func (s ProvidersSubject) token(changes map[string]any) domain.ProviderToken {
	at := s.Now()
	claims := map[string]any{"iss": s.Issuer, "aud": "app", "sub": "7", "iat": at.Unix(), "exp": at.Add(time.Hour).Unix(), "nonce": "n"}
	maps.Copy(claims, changes)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	return domain.ProviderToken{Provider: "acme", IDToken: s.Sign(claims), Nonce: "n"}
}

// Providers holds an adapter against what is promised of identity providers.
func Providers(t *testing.T, open func(t *testing.T) ProvidersSubject) {
	t.Helper()
	t.Run("a good token says who its owner is", func(t *testing.T) {
		t.Parallel()
		s := open(t)
		got, err := s.Providers.Identify(t.Context(), s.token(map[string]any{
			"email": "a@example.org", "email_verified": true, "given_name": "Ana", "family_name": "Öztürk",
		}))
		want := domain.Identity{
			Provider: "acme", Subject: "7", Email: "a@example.org", EmailVerified: true, FirstName: "Ana", LastName: "Öztürk",
			ProvenAt: time.Unix(s.Now().Unix(), 0),
		}
		if err != nil || !got.ProvenAt.Equal(want.ProvenAt) {
			t.Fatalf("%+v %v", got, err)
		}
		if got.ProvenAt = want.ProvenAt; got != want {
			t.Errorf("%+v", got)
		}
	})
	t.Run("a token that is not good has one answer", func(t *testing.T) {
		t.Parallel()
		s := open(t)
		for name, changes := range map[string]map[string]any{
			"expired": {"exp": s.Now().Unix() - 1}, "another audience": {"aud": "other"}, "another issuer": {"iss": "https://elsewhere.example"},
			"another nonce": {"nonce": "m"}, "no nonce": {"nonce": nil}, "nobody": {"sub": nil}, "of the future": {"iat": s.Now().Add(time.Hour).Unix()},
			"two audiences and no party": {"aud": []string{"app", "other"}},
		} {
			if _, err := s.Providers.Identify(t.Context(), s.token(changes)); !errors.Is(err, domain.ErrIDToken) {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, raw := range []string{"x", "a.b.c", s.token(nil).IDToken + "x"} {
			if _, err := s.Providers.Identify(t.Context(), domain.ProviderToken{Provider: "acme", IDToken: raw, Nonce: "n"}); !errors.Is(err, domain.ErrIDToken) {
				t.Errorf("%.20q: %v", raw, err)
			}
		}
	})
	t.Run("nobody else is a provider", func(t *testing.T) {
		t.Parallel()
		s := open(t)
		token := s.token(nil)
		token.Provider = "unknown"
		if _, err := s.Providers.Identify(t.Context(), token); !errors.Is(err, domain.ErrProviderUnknown) {
			t.Error(err)
		}
	})
	t.Run("a provider that is away is a passing trouble", func(t *testing.T) {
		t.Parallel()
		s := open(t)
		token := s.token(nil)
		s.Stop()
		if _, err := s.Providers.Identify(t.Context(), token); fault.From(err).Kind != fault.Unavailable {
			t.Error(err)
		}
	})
}
