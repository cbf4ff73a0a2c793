package token_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/token"
)

func sosClaims() token.SOSClaims {
	return token.SOSClaims{Subject: "user-1", SessionID: "session-1", IssuedAt: issued, ExpiresAt: issued.Add(token.SOSLifetime)}
}

func signSOS(tb testing.TB, c token.SOSClaims) string {
	tb.Helper()
	raw, err := signer(tb, token.SignerConfig{Secret: secret}).SignSOS(c)
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

func validSOSHeader(tb testing.TB) map[string]any {
	tb.Helper()
	return but(validHeader(tb), "typ", "sos+jwt")
}

func validSOSClaims() map[string]any {
	return map[string]any{
		"iss": "loveapp-auth", "aud": "loveapp-sos", "sub": "user-1", "sid": "session-1",
		"iat": 1772366400.123, "exp": 1772366400.123 + 400*24*3600,
	}
}

func TestACredentialTellsWhoCallsForHelpAYearLater(t *testing.T) {
	t.Parallel()
	got, err := at(t, 399*24*time.Hour).VerifySOS(t.Context(), signSOS(t, sosClaims()))
	if err != nil || got != sosClaims() {
		t.Fatalf("%+v, %v", got, err)
	}
}

func TestAnExpiredCredentialSaysWhoseItWas(t *testing.T) {
	t.Parallel()
	got, err := at(t, token.SOSLifetime).VerifySOS(t.Context(), signSOS(t, sosClaims()))
	if !errors.Is(err, token.ErrExpired) || got != sosClaims() {
		t.Fatalf("%+v, %v", got, err)
	}
}

func TestACredentialAndAnAccessTokenAreNeverTakenForEachOther(t *testing.T) {
	t.Parallel()
	v := at(t, 0)
	if _, err := v.Verify(t.Context(), signSOS(t, sosClaims())); !errors.Is(err, token.ErrUnauthenticated) {
		t.Errorf("a credential as access token: %v", err)
	}
	if _, err := v.VerifySOS(t.Context(), sign(t, signer(t, token.SignerConfig{Secret: secret}), claims())); !errors.Is(err, token.ErrUnauthenticated) {
		t.Errorf("an access token as credential: %v", err)
	}
}

func TestForgedAndForeignCredentialsAreOneAnswer(t *testing.T) {
	t.Parallel()
	header, body := validSOSHeader(t), validSOSClaims()
	v := at(t, 0)
	if _, err := v.VerifySOS(t.Context(), forge(t, header, body)); err != nil {
		t.Fatalf("the hand-made credential: %v", err)
	}
	for name, raw := range map[string]string{
		"nothing":                   "",
		"no token":                  "hello",
		"alg none":                  forge(t, but(header, "alg", "none"), body),
		"alg HS256":                 forge(t, but(header, "alg", "HS256"), body),
		"type of an access token":   forge(t, but(header, "typ", "at+jwt"), body),
		"no type":                   forge(t, but(header, "typ", nil), body),
		"no key id":                 forge(t, but(header, "kid", nil), body),
		"a key that is not ours":    forge(t, but(header, "kid", "other"), body),
		"an embedded key":           forge(t, but(header, "jwk", map[string]any{"kty": "OKP"}), body),
		"audience of access tokens": forge(t, header, but(body, "aud", "loveapp")),
		"two audiences":             forge(t, header, but(body, "aud", []string{"loveapp-sos", "loveapp"})),
		"another issuer":            forge(t, header, but(body, "iss", "somebody")),
		"no subject":                forge(t, header, but(body, "sub", nil)),
		"no session":                forge(t, header, but(body, "sid", nil)),
		"no expiry":                 forge(t, header, but(body, "exp", nil)),
		"no time of issue":          forge(t, header, but(body, "iat", nil)),
		"issued in the future":      forge(t, header, but(body, "iat", 1772366400.123+60)),
		"changed":                   signSOS(t, sosClaims()) + "A",
	} {
		if _, err := v.VerifySOS(t.Context(), raw); !errors.Is(err, token.ErrUnauthenticated) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// ended is a session that has been revoked.
type ended string

func (e ended) Revoked(c token.Claims) bool { return c.SessionID == string(e) }

func TestACredentialEndsWithItsSession(t *testing.T) {
	t.Parallel()
	keys := signer(t, token.SignerConfig{Secret: secret})
	v := verifier(t, token.VerifierConfig{Keys: keys, Revoked: ended("session-1"), Now: func() time.Time { return issued }})
	if _, err := v.VerifySOS(t.Context(), signSOS(t, sosClaims())); !errors.Is(err, token.ErrSessionEnded) {
		t.Fatal(err)
	}
}

func TestKeysThatCannotBeHadAreNoVerdict(t *testing.T) {
	t.Parallel()
	v := verifier(t, token.VerifierConfig{Keys: unreachable{}, Now: func() time.Time { return issued }})
	if _, err := v.VerifySOS(t.Context(), signSOS(t, sosClaims())); fault.From(err).Kind != fault.Unavailable {
		t.Fatal(err)
	}
}

func TestClaimsThatNobodyWouldTakeAreNotSigned(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*token.SOSClaims){
		"no subject":          func(c *token.SOSClaims) { c.Subject = "" },
		"no session":          func(c *token.SOSClaims) { c.SessionID = "" },
		"no time of issue":    func(c *token.SOSClaims) { c.IssuedAt = time.Time{} },
		"expired when issued": func(c *token.SOSClaims) { c.ExpiresAt = c.IssuedAt },
	} {
		c := sosClaims()
		spoil(&c)
		if _, err := signer(t, token.SignerConfig{Secret: secret}).SignSOS(c); err == nil {
			t.Errorf("%s: signed", name)
		}
	}
}

// unreachable is auth that cannot be asked.
type unreachable struct{}

func (unreachable) Key(context.Context, string) (ed25519.PublicKey, error) {
	return nil, fault.New(fault.Unavailable, "unavailable", "auth is away")
}

// recast is a user whose role has changed at a moment.
type recast struct{ at time.Time }

func (r recast) Revoked(c token.Claims) bool { return c.IssuedAt.Before(r.at) }

func TestANewRoleTakesNobodysCredential(t *testing.T) {
	t.Parallel()
	later := issued.Add(time.Hour)
	v := verifier(t, token.VerifierConfig{Keys: signer(t, token.SignerConfig{Secret: secret}), Revoked: recast{later}, Now: func() time.Time { return later }})
	if _, err := v.VerifySOS(t.Context(), signSOS(t, sosClaims())); err != nil {
		t.Fatal(err)
	}
}
