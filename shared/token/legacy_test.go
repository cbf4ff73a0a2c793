package token_test

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/token"
)

const monolith config.Secret = "what the monolith of the tests signs its tokens with"

// mac signs as the monolith does, with any key.
func mac(tb testing.TB, header, claims any, key []byte) string {
	tb.Helper()
	signed := encode(tb, header) + "." + encode(tb, claims)
	sum := hmac.New(sha256.New, key)
	sum.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(sum.Sum(nil))
}

func legacyHeader() map[string]any { return map[string]any{"alg": "HS256", "typ": "JWT"} }

func legacyClaims() map[string]any {
	return map[string]any{"sub": 42, "email": "ada@example.org", "role": "volunteer", "iat": 1772366400, "exp": 1772367300}
}

func legacyVerifier(tb testing.TB, secret config.Secret) *token.Verifier {
	tb.Helper()
	return verifier(tb, token.VerifierConfig{
		Keys: signer(tb, token.SignerConfig{Secret: "the key of the tests, which is not what the monolith has"}),
		Now:  func() time.Time { return issued.Add(time.Minute) }, Legacy: secret,
	})
}

func TestATokenOfTheMonolithSpeaksForTheAccountThatWasCopied(t *testing.T) {
	t.Parallel()
	v := legacyVerifier(t, monolith)
	numbered, err := v.Verify(t.Context(), mac(t, legacyHeader(), legacyClaims(), []byte(monolith.Value())))
	if err != nil {
		t.Fatal(err)
	}
	if numbered.Subject != token.LegacyUser("42") || numbered.Role != token.RoleVolunteer || !numbered.ExpiresAt.Equal(issued.Truncate(time.Second).Add(15*time.Minute)) {
		t.Errorf("%+v", numbered)
	}
	texts, err := v.Verify(t.Context(), mac(t, legacyHeader(), but(legacyClaims(), "sub", "42"), []byte(monolith.Value())))
	if err != nil || texts.Subject != numbered.Subject {
		t.Errorf("the id as a text is %+v, %v", texts, err)
	}
	if bare, err := v.Verify(t.Context(), mac(t, but(legacyHeader(), "typ", nil), legacyClaims(), []byte(monolith.Value()))); err != nil || bare != numbered {
		t.Errorf("without a type: %+v, %v", bare, err)
	}
}

// The account's id as copy-accounts.sql computes it.
func TestAnOldIDBecomesTheSameIDEverywhere(t *testing.T) {
	t.Parallel()
	if got := token.LegacyUser("42"); got != "8e2a5d41-c38c-8e03-9695-e686d1df4744" {
		t.Errorf("got %s", got)
	}
	if token.LegacyUser("7") == token.LegacyUser("42") {
		t.Error("two people have one id")
	}
}

func TestNobodyAdministersWithATokenOfTheMonolith(t *testing.T) {
	t.Parallel()
	v := legacyVerifier(t, monolith)
	for old, want := range map[string]string{
		"user": token.RoleUser, "member": token.RoleUser, "nonsense": token.RoleUser, "": token.RoleUser,
		"admin": token.RoleUser, "moderator": token.RoleUser, "owner": token.RoleUser, "root": token.RoleUser,
		"ADMIN": token.RoleUser, "SUPER_ADMIN": token.RoleUser,
		"provider": token.RoleProvider, "counsellor": token.RoleProvider, "volunteer": token.RoleVolunteer, "responder": token.RoleVolunteer,
	} {
		got, err := v.Verify(t.Context(), mac(t, legacyHeader(), but(legacyClaims(), "role", old), []byte(monolith.Value())))
		if err != nil || got.Role != want {
			t.Errorf("%q became %q, %v", old, got.Role, err)
		}
	}
}

func TestWithoutTheSecretNoTokenOfTheMonolithPasses(t *testing.T) {
	t.Parallel()
	v := legacyVerifier(t, "")
	for name, key := range map[string][]byte{"its own secret": []byte(monolith.Value()), "no secret": {}} {
		if got, err := v.Verify(t.Context(), mac(t, legacyHeader(), legacyClaims(), key)); !errors.Is(err, token.ErrUnauthenticated) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestNoVerifierIsMadeWithAWeakSecretOfTheMonolith(t *testing.T) {
	t.Parallel()
	for _, weak := range []config.Secret{"secret", "your-super-secure-secret", "0123456789abcdef0123456789abcdef"} {
		_, err := token.NewVerifier(token.VerifierConfig{Keys: signer(t, token.SignerConfig{Secret: secret}), Legacy: weak})
		if err == nil || !strings.Contains(err.Error(), "LEGACY_JWT_SECRET") || strings.Contains(err.Error(), weak.Value()) {
			t.Errorf("%v", err)
		}
	}
}

// publicSpellings are the public key in every form that a library was ever
// fooled into taking for an HMAC secret (CVE-2015-9235 and its kin).
func publicSpellings(tb testing.TB) map[string][]byte {
	tb.Helper()
	public, ok := privateKey(tb, secret).Public().(ed25519.PublicKey)
	if !ok {
		tb.Fatal("no Ed25519 key")
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		tb.Fatal(err)
	}
	return map[string][]byte{
		"raw":     public,
		"der":     der,
		"pem":     pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}),
		"base64":  []byte(base64.RawURLEncoding.EncodeToString(public)),
		"key set": signer(tb, token.SignerConfig{Secret: secret}).JWKS(),
		"kid":     []byte(kids(tb, signer(tb, token.SignerConfig{Secret: secret}))[0]),
	}
}

func TestAPublicKeyIsNeverASecret(t *testing.T) {
	t.Parallel()
	kid := kids(t, signer(t, token.SignerConfig{Secret: secret}))[0]
	for legacy, v := range map[string]*token.Verifier{
		"with":    verifier(t, token.VerifierConfig{Keys: signer(t, token.SignerConfig{Secret: secret}), Now: func() time.Time { return issued }, Legacy: monolith}),
		"without": verifier(t, token.VerifierConfig{Keys: signer(t, token.SignerConfig{Secret: secret}), Now: func() time.Time { return issued }}),
	} {
		for spelling, key := range publicSpellings(t) {
			for _, header := range []map[string]any{
				legacyHeader(), but(legacyHeader(), "kid", kid), but(validHeader(t), "alg", "HS256"), validHeader(t),
			} {
				for _, claims := range []map[string]any{legacyClaims(), validClaims()} {
					if got, err := v.Verify(t.Context(), mac(t, header, claims, key)); !errors.Is(err, token.ErrUnauthenticated) || got != (token.Claims{}) {
						t.Errorf("%s the secret, %s as the key, %v: %+v, %v", legacy, spelling, header, got, err)
					}
				}
			}
		}
	}
}

func TestWhatTheMonolithNeverWritesIsRefused(t *testing.T) {
	t.Parallel()
	key := []byte(monolith.Value())
	v := legacyVerifier(t, monolith)
	header, body := legacyHeader(), legacyClaims()
	good := mac(t, header, body, key)
	dot := strings.LastIndexByte(good, '.')
	cases := map[string]string{
		"another secret":            mac(t, header, body, []byte("another secret of somebody who would like to be let in")),
		"no signature":              good[:dot+1],
		"a short signature":         good[:len(good)-4],
		"alg none":                  mac(t, but(header, "alg", "none"), body, key),
		"alg HS384":                 mac(t, but(header, "alg", "HS384"), body, key),
		"alg HS512":                 mac(t, but(header, "alg", "HS512"), body, key),
		"alg hs256":                 mac(t, but(header, "alg", "hs256"), body, key),
		"alg EdDSA over the secret": mac(t, but(header, "alg", "EdDSA"), body, key),
		"a key id":                  mac(t, but(header, "kid", "1"), body, key),
		"typ of an access token":    mac(t, but(header, "typ", "at+jwt"), body, key),
		"typ of a credential":       mac(t, but(header, "typ", "sos+jwt"), body, key),
		"jku":                       mac(t, but(header, "jku", "https://evil.example/jwks.json"), body, key),
		"exp left out":              mac(t, header, but(body, "exp", nil), key),
		"iat left out":              mac(t, header, but(body, "iat", nil), key),
		"sub left out":              mac(t, header, but(body, "sub", nil), key),
		"sub empty":                 mac(t, header, but(body, "sub", ""), key),
		"sub zero":                  mac(t, header, but(body, "sub", 0), key),
		"sub negative":              mac(t, header, but(body, "sub", -1), key),
		"sub a fraction":            mac(t, header, but(body, "sub", 4.2), key),
		"sub an object":             mac(t, header, but(body, "sub", map[string]any{"id": 42}), key),
		"sub true":                  mac(t, header, but(body, "sub", true), key),
		"a list of roles":           mac(t, header, but(body, "role", []string{"user"}), key),
		"issued in the future":      mac(t, header, but(body, "iat", 1772366900), key),
		"not yet valid":             mac(t, header, but(body, "nbf", 1772366900), key),
		"a day and a second":        mac(t, header, but(body, "exp", 1772366400+86401), key),
		"a refresh token":           mac(t, header, but(body, "type", "refresh"), key),
		"issuer":                    mac(t, header, but(body, "iss", token.Issuer), key),
		"audience":                  mac(t, header, but(body, "aud", token.Audience), key),
		"a claim twice":             mac(t, header, `{"sub":42,"sub":1,"iat":1772366400,"exp":1772367300}`, key),
	}
	for name, raw := range cases {
		if got, err := v.Verify(t.Context(), raw); err != token.ErrUnauthenticated || got != (token.Claims{}) { //nolint:errorlint // the very same value
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if _, err := v.VerifySOS(t.Context(), good); !errors.Is(err, token.ErrUnauthenticated) {
		t.Errorf("as an SOS credential: %v", err)
	}
}

func TestATokenOfTheMonolithEndsWithItsTimeAndWithWhatRevokesItsUser(t *testing.T) {
	t.Parallel()
	raw := mac(t, legacyHeader(), legacyClaims(), []byte(monolith.Value()))
	keys := signer(t, token.SignerConfig{Secret: secret})
	late := verifier(t, token.VerifierConfig{Keys: keys, Legacy: monolith, Now: func() time.Time { return issued.Add(time.Hour) }})
	if got, err := late.Verify(t.Context(), raw); !errors.Is(err, token.ErrExpired) || got.Subject != token.LegacyUser("42") {
		t.Errorf("expired: %+v, %v", got, err)
	}
	revoked := verifier(t, token.VerifierConfig{
		Keys: keys, Legacy: monolith, Now: func() time.Time { return issued.Add(time.Minute) },
		Revoked: revokedUser(token.LegacyUser("42")),
	})
	if _, err := revoked.Verify(t.Context(), raw); !errors.Is(err, token.ErrSessionEnded) {
		t.Errorf("revoked: %v", err)
	}
}

// revokedUser has all of one user's tokens revoked.
type revokedUser string

func (u revokedUser) Revoked(c token.Claims) bool { return c.Subject == string(u) }
