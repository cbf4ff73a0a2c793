package token_test

import (
	"errors"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/token"
)

func reauthClaims() token.ReauthClaims {
	return token.ReauthClaims{Subject: "user-1", SessionID: "session-1", IssuedAt: issued, ExpiresAt: issued.Add(token.ReauthLifetime)}
}

func signReauth(tb testing.TB, c token.ReauthClaims) string {
	tb.Helper()
	raw, err := signer(tb, token.SignerConfig{Secret: secret}).SignReauth(c)
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

func TestReauthenticationCountsForFiveMinutesAndItsUser(t *testing.T) {
	t.Parallel()
	raw := signReauth(t, reauthClaims())
	if err := at(t, 5*time.Minute-time.Millisecond).VerifyReauth(t.Context(), raw, "user-1"); err != nil {
		t.Errorf("in time: %v", err)
	}
	if err := at(t, 5*time.Minute).VerifyReauth(t.Context(), raw, "user-1"); !errors.Is(err, token.ErrReauthRequired) {
		t.Errorf("too late: %v", err)
	}
	if err := at(t, 0).VerifyReauth(t.Context(), raw, "user-2"); !errors.Is(err, token.ErrReauthRequired) {
		t.Errorf("somebody else: %v", err)
	}
}

func TestReauthenticationIsNoOtherToken(t *testing.T) {
	t.Parallel()
	v, raw := at(t, 0), signReauth(t, reauthClaims())
	if _, err := v.Verify(t.Context(), raw); !errors.Is(err, token.ErrUnauthenticated) {
		t.Errorf("as access token: %v", err)
	}
	if _, err := v.VerifySOS(t.Context(), raw); !errors.Is(err, token.ErrUnauthenticated) {
		t.Errorf("as SOS credential: %v", err)
	}
	for name, other := range map[string]string{"access token": sign(t, signer(t, token.SignerConfig{Secret: secret}), claims()), "SOS credential": signSOS(t, sosClaims())} {
		if err := v.VerifyReauth(t.Context(), other, "user-1"); !errors.Is(err, token.ErrReauthRequired) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestForgedReauthenticationIsRefused(t *testing.T) {
	t.Parallel()
	header := but(validHeader(t), "typ", "reauth+jwt")
	body := map[string]any{
		"iss": "loveapp-auth", "aud": "loveapp-reauth", "sub": "user-1", "sid": "session-1", "iat": 1772366400.123, "exp": 1772366700.123,
	}
	v := at(t, 0)
	if err := v.VerifyReauth(t.Context(), forge(t, header, body), "user-1"); err != nil {
		t.Fatalf("the hand-made token: %v", err)
	}
	for name, raw := range map[string]string{
		"nothing":              "",
		"no token":             "hello",
		"alg none":             forge(t, but(header, "alg", "none"), body),
		"alg HS256":            forge(t, but(header, "alg", "HS256"), body),
		"no type":              forge(t, but(header, "typ", nil), body),
		"no key id":            forge(t, but(header, "kid", nil), body),
		"another key":          forge(t, but(header, "kid", "other"), body),
		"an embedded key":      forge(t, but(header, "jwk", map[string]any{"kty": "OKP"}), body),
		"another audience":     forge(t, header, but(body, "aud", "loveapp")),
		"another issuer":       forge(t, header, but(body, "iss", "somebody")),
		"no session":           forge(t, header, but(body, "sid", nil)),
		"no expiry":            forge(t, header, but(body, "exp", nil)),
		"good for an hour":     forge(t, header, but(body, "exp", 1772370000.123)),
		"issued in the future": forge(t, header, but(but(body, "iat", 1772366460.123), "exp", 1772366700.123)),
		"changed":              signReauth(t, reauthClaims()) + "A",
	} {
		if err := v.VerifyReauth(t.Context(), raw, "user-1"); !errors.Is(err, token.ErrReauthRequired) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReauthenticationEndsWithItsSession(t *testing.T) {
	t.Parallel()
	v := verifier(t, token.VerifierConfig{Keys: signer(t, token.SignerConfig{Secret: secret}), Revoked: ended("session-1"), Now: func() time.Time { return issued }})
	if err := v.VerifyReauth(t.Context(), signReauth(t, reauthClaims()), "user-1"); !errors.Is(err, token.ErrReauthRequired) {
		t.Error(err)
	}
	away := verifier(t, token.VerifierConfig{Keys: unreachable{}, Now: func() time.Time { return issued }})
	if err := away.VerifyReauth(t.Context(), signReauth(t, reauthClaims()), "user-1"); fault.From(err).Kind != fault.Unavailable {
		t.Errorf("keys that cannot be had: %v", err)
	}
}

func TestReauthenticationThatNobodyWouldTakeIsNotSigned(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*token.ReauthClaims){
		"no subject":       func(c *token.ReauthClaims) { c.Subject = "" },
		"no session":       func(c *token.ReauthClaims) { c.SessionID = "" },
		"no time of issue": func(c *token.ReauthClaims) { c.IssuedAt = time.Time{} },
		"for ten minutes":  func(c *token.ReauthClaims) { c.ExpiresAt = c.IssuedAt.Add(10 * time.Minute) },
	} {
		c := reauthClaims()
		spoil(&c)
		if _, err := signer(t, token.SignerConfig{Secret: secret}).SignReauth(c); err == nil {
			t.Errorf("%s: signed", name)
		}
	}
}
