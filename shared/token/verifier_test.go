package token_test

import (
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/token"
)

// at makes a verifier whose clock stands d after the tokens were issued.
func at(tb testing.TB, d time.Duration) *token.Verifier {
	tb.Helper()
	return verifier(tb, token.VerifierConfig{
		Keys: signer(tb, token.SignerConfig{Secret: secret}), Now: func() time.Time { return issued.Add(d) },
	})
}

func TestASignedTokenTellsWhoItsBearerIs(t *testing.T) {
	t.Parallel()
	for _, role := range []string{token.RoleUser, token.RoleProvider, token.RoleVolunteer, token.RoleAdmin, token.RoleSuperAdmin} {
		want := claims()
		want.Role = role
		v := at(t, time.Minute)
		raw := sign(t, signer(t, token.SignerConfig{Secret: secret}), want)
		for range 2 { // the second answer is the remembered one
			if got, err := v.Verify(t.Context(), raw); err != nil || got != want {
				t.Fatalf("%+v, %v, want %+v", got, err, want)
			}
		}
	}
}

func TestTheHandMadeTokenOfTheTestsIsValid(t *testing.T) {
	t.Parallel()
	got, err := at(t, 0).Verify(t.Context(), forge(t, validHeader(t), validClaims()))
	if err != nil || got != claims() {
		t.Fatalf("%+v, %v", got, err)
	}
}

func TestForgedAndForeignTokensAreOneAnswer(t *testing.T) {
	t.Parallel()
	header, body := validHeader(t), validClaims()
	good := forge(t, header, body)
	parts := strings.Split(good, ".")
	public := privateKey(t, secret).Public().(ed25519.PublicKey)
	jwk := map[string]any{"kty": "OKP", "crv": "Ed25519", "x": base64.RawURLEncoding.EncodeToString(public)}
	hs := func(h map[string]any, key []byte) string {
		signed := encode(t, h) + "." + parts[1]
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(signed))
		return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	}
	ownKey := ed25519.NewKeyFromSeed(make([]byte, 32))
	foreign := parts[0] + "." + parts[1]
	foreign += "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(ownKey, []byte(foreign)))

	cases := map[string]string{
		"nothing":                       "",
		"no token":                      "hello",
		"two parts":                     parts[0] + "." + parts[1],
		"four parts":                    good + "." + parts[2],
		"five parts (JWE)":              good + ".." + parts[2],
		"empty parts":                   "..",
		"no signature":                  parts[0] + "." + parts[1] + ".",
		"alg none":                      encode(t, but(header, "alg", "none")) + "." + parts[1] + ".",
		"alg none with a signature":     forge(t, but(header, "alg", "none"), body),
		"alg None":                      forge(t, but(header, "alg", "None"), body),
		"alg HS256 over the public key": hs(but(header, "alg", "HS256"), public),
		"alg HS256 over the secret":     hs(but(header, "alg", "HS256"), []byte(secret.Value())),
		"alg HS256 over the key set":    hs(but(header, "alg", "HS256"), signer(t, token.SignerConfig{Secret: secret}).JWKS()),
		"alg EdDSA with an HMAC":        hs(header, public),
		"alg eddsa":                     forge(t, but(header, "alg", "eddsa"), body),
		"alg left out":                  forge(t, but(header, "alg", nil), body),
		"alg a list":                    forge(t, but(header, "alg", []string{"EdDSA"}), body),
		"typ JWT":                       forge(t, but(header, "typ", "JWT"), body),
		"typ of a service token":        forge(t, but(header, "typ", "service+jwt"), body),
		"typ left out":                  forge(t, but(header, "typ", nil), body),
		"kid left out":                  forge(t, but(header, "kid", nil), body),
		"kid empty":                     forge(t, but(header, "kid", ""), body),
		"kid unknown":                   forge(t, but(header, "kid", "x"), body),
		"kid a path":                    forge(t, but(header, "kid", "../../../dev/null"), body),
		"kid an injection":              forge(t, but(header, "kid", "' OR 1=1 --"), body),
		"kid a URL":                     forge(t, but(header, "kid", "http://127.0.0.1/jwks.json"), body),
		"kid a number":                  forge(t, but(header, "kid", 7), body),
		"jwk embedded":                  forge(t, but(header, "jwk", jwk), body),
		"jku":                           forge(t, but(header, "jku", "https://evil.example/jwks.json"), body),
		"x5u":                           forge(t, but(header, "x5u", "https://evil.example/cert"), body),
		"x5c":                           forge(t, but(header, "x5c", []string{"AA=="}), body),
		"crit":                          forge(t, but(header, "crit", []string{"exp"}), body),
		"b64":                           forge(t, but(header, "b64", false), body),
		"zip":                           forge(t, but(header, "zip", "DEF"), body),
		"a header with a key twice":     forge(t, `{"alg":"none","alg":"EdDSA","typ":"at+jwt","kid":"`+header["kid"].(string)+`"}`, body),
		"a header in the wrong case":    forge(t, but(but(header, "alg", nil), "Alg", "EdDSA"), body),
		"a header and more":             forge(t, `{"alg":"EdDSA","typ":"at+jwt","kid":"`+header["kid"].(string)+`"} {}`, body),
		"a header that is no object":    forge(t, `[]`, body),
		"a header of null":              forge(t, `null`, body),
		"claims that are no object":     forge(t, header, `[]`),
		"claims of null":                forge(t, header, `null`),
		"claims that are no JSON":       forge(t, header, `{`),
		"claims with a key twice":       forge(t, header, `{"sub":"a","sub":"b"}`),
		"another key":                   foreign,
		"an old key":                    sign(t, signer(t, token.SignerConfig{Secret: previous}), claims()),
		"a changed claim":               parts[0] + "." + encode(t, but(body, "role", "ADMIN")) + "." + parts[2],
		"a changed header":              encode(t, but(header, "kid", header["kid"].(string)+"A")) + "." + parts[1] + "." + parts[2],
		"a changed signature":           parts[0] + "." + parts[1] + "." + flip(parts[2]),
		"a signature of zeros":          parts[0] + "." + parts[1] + "." + strings.Repeat("A", 86),
		"a short signature":             good[:len(good)-4],
		"padding":                       good + "==",
		"stray bits":                    good[:len(good)-1] + strayBits(good[len(good)-1]),
		"a line break at the end":       good + "\n",
		"a line break inside":           parts[0] + "." + parts[1] + "\r\n." + parts[2],
		"a space":                       " " + good,
		"standard base64":               strings.NewReplacer("-", "+", "_", "/").Replace(good + "-"),
		"a NUL":                         good + "\x00",
		"more than 4 KiB":               forge(t, header, but(body, "x", strings.Repeat("x", 3000))),
		"1 MiB":                         strings.Repeat("a", 1<<20),
		"iss of another":                forge(t, header, but(body, "iss", "loveapp")),
		"iss with a slash":              forge(t, header, but(body, "iss", "loveapp-auth/")),
		"aud of another":                forge(t, header, but(body, "aud", "auth")),
		"aud a list":                    forge(t, header, but(body, "aud", []string{"loveapp"})),
		"a role that is none":           forge(t, header, but(body, "role", "user")),
		"a role that is a list":         forge(t, header, but(body, "role", []string{"USER", "ADMIN"})),
		"sub a number":                  forge(t, header, but(body, "sub", 1)),
		"sub empty":                     forge(t, header, but(body, "sub", "")),
		"exp as text":                   forge(t, header, but(body, "exp", "1772367300")),
		"exp without end":               forge(t, header, `{"exp":1e400}`),
		"exp beyond the calendar":       forge(t, header, but(body, "exp", 253402300800)),
		"exp negative":                  forge(t, header, but(body, "exp", -1)),
		"exp before iat":                forge(t, header, but(body, "exp", 1772366400.122)),
		"issued in the future":          forge(t, header, but(body, "iat", 1772366405.124)),
		"not yet valid":                 forge(t, header, but(body, "nbf", 1772366405.124)),
	}
	for claim := range body {
		cases[claim+" left out"] = forge(t, header, but(body, claim, nil))
		cases[claim+" null"] = forge(t, header, strings.Replace(jsonOf(t, but(body, claim, nil)), "{", `{"`+claim+`":null,`, 1))
	}
	v := at(t, 0)
	for name, raw := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := v.Verify(t.Context(), raw)
			if err != token.ErrUnauthenticated || got != (token.Claims{}) { //nolint:errorlint // the very same value, so that nothing about the failure can leak
				t.Fatalf("%+v, %v", got, err)
			}
		})
	}
}

func jsonOf(tb testing.TB, v any) string {
	tb.Helper()
	data, err := base64.RawURLEncoding.DecodeString(encode(tb, v))
	if err != nil {
		tb.Fatal(err)
	}
	return string(data)
}

func flip(s string) string {
	if s[10] == 'A' {
		return s[:10] + "B" + s[11:]
	}
	return s[:10] + "A" + s[11:]
}

// strayBits gives another last character that a lax decoder reads as the same
// signature: 64 bytes leave four unused bits there.
func strayBits(last byte) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return string(alphabet[strings.IndexByte(alphabet, last)^1])
}

// TestASignatureCannotBeRestated adds the group order to S: RFC 8032 section
// 5.1.7 refuses it, or one token would have two spellings.
func TestASignatureCannotBeRestated(t *testing.T) {
	t.Parallel()
	good := forge(t, validHeader(t), validClaims())
	dot := strings.LastIndexByte(good, '.')
	signature, err := base64.RawURLEncoding.DecodeString(good[dot+1:])
	if err != nil {
		t.Fatal(err)
	}
	order := [32]byte{0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 31: 0x10}
	carry := 0
	for i, b := range order {
		sum := int(signature[32+i]) + int(b) + carry
		signature[32+i], carry = byte(sum), sum>>8
	}
	restated := good[:dot+1] + base64.RawURLEncoding.EncodeToString(signature)
	if _, err := at(t, 0).Verify(t.Context(), restated); !errors.Is(err, token.ErrUnauthenticated) {
		t.Fatalf("%v", err)
	}
}

func TestClocksMayBeFiveSecondsApart(t *testing.T) {
	t.Parallel()
	raw := forge(t, validHeader(t), validClaims())
	if _, err := at(t, -token.Skew).Verify(t.Context(), raw); err != nil {
		t.Fatalf("five seconds early: %v", err)
	}
	if _, err := at(t, -token.Skew-time.Millisecond).Verify(t.Context(), raw); !errors.Is(err, token.ErrUnauthenticated) {
		t.Fatalf("earlier: %v", err)
	}
}

func TestATokenExpiresToTheMillisecond(t *testing.T) {
	t.Parallel()
	raw := sign(t, signer(t, token.SignerConfig{Secret: secret}), claims())
	if _, err := at(t, 15*time.Minute-time.Millisecond).Verify(t.Context(), raw); err != nil {
		t.Fatalf("just before: %v", err)
	}
	got, err := at(t, 15*time.Minute).Verify(t.Context(), raw)
	if !errors.Is(err, token.ErrExpired) || got != claims() {
		t.Fatalf("at the end: %+v, %v", got, err)
	}
	if _, err := at(t, 1000*time.Hour).Verify(t.Context(), flipEnd(raw)); !errors.Is(err, token.ErrUnauthenticated) {
		t.Fatalf("expired and forged: %v", err)
	}
}

func flipEnd(raw string) string {
	dot := strings.LastIndexByte(raw, '.')
	return raw[:dot+1] + flip(raw[dot+1:])
}

func TestARememberedTokenStillExpires(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := signer(t, token.SignerConfig{Secret: secret})
	v := verifier(t, token.VerifierConfig{Keys: s, Now: c.Now})
	short := claims()
	short.ExpiresAt = issued.Add(2 * time.Second)
	raw := sign(t, s, short)
	if _, err := v.Verify(t.Context(), raw); err != nil {
		t.Fatal(err)
	}
	c.Advance(2 * time.Second)
	if got, err := v.Verify(t.Context(), raw); !errors.Is(err, token.ErrExpired) || got != short {
		t.Fatalf("%+v, %v", got, err)
	}
}

// keySource counts how often it is asked, and can lose its keys.
type keySource struct {
	token.KeySource
	asked int
	err   error
}

func (k *keySource) Key(ctx context.Context, kid string) (ed25519.PublicKey, error) {
	k.asked++
	if k.err != nil {
		return nil, k.err
	}
	return k.KeySource.Key(ctx, kid)
}

func TestATokenIsRememberedForAMinute(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := signer(t, token.SignerConfig{Secret: secret})
	keys := &keySource{KeySource: s}
	v := verifier(t, token.VerifierConfig{Keys: keys, Now: c.Now})
	raw := sign(t, s, claims())
	for range 60 {
		if _, err := v.Verify(t.Context(), raw); err != nil {
			t.Fatal(err)
		}
		c.Advance(time.Second)
	}
	if keys.asked != 1 {
		t.Fatalf("checked %d times in a minute", keys.asked)
	}
	keys.err = token.ErrUnknownKey // taken out of the set
	if _, err := v.Verify(t.Context(), raw); !errors.Is(err, token.ErrUnauthenticated) {
		t.Fatalf("a minute after its key was withdrawn: %v", err)
	}
}

func TestForgeriesAndExpiredTokensAreNotRemembered(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := signer(t, token.SignerConfig{Secret: secret})
	keys := &keySource{KeySource: s}
	v := verifier(t, token.VerifierConfig{Keys: keys, Now: c.Now})
	raw := sign(t, s, claims())
	c.Advance(time.Hour)
	for range 3 {
		_, expired := v.Verify(t.Context(), raw)
		_, forged := v.Verify(t.Context(), flipEnd(raw))
		if !errors.Is(expired, token.ErrExpired) || !errors.Is(forged, token.ErrUnauthenticated) {
			t.Fatal(expired, forged)
		}
	}
	if keys.asked != 6 {
		t.Fatalf("checked %d times, want 6", keys.asked)
	}
}

func TestATokenThatNamesNoKeyCostsNoLookUp(t *testing.T) {
	t.Parallel()
	keys := &keySource{KeySource: signer(t, token.SignerConfig{Secret: secret})}
	v := verifier(t, token.VerifierConfig{Keys: keys, Now: newClock().Now})
	for _, kid := range []any{nil, ""} {
		if _, err := v.Verify(t.Context(), forge(t, but(validHeader(t), "kid", kid), validClaims())); !errors.Is(err, token.ErrUnauthenticated) {
			t.Fatal(err)
		}
	}
	if keys.asked != 0 {
		t.Fatal("the key source was asked")
	}
}

func TestWithoutKeysNobodyIsCalledAForger(t *testing.T) {
	t.Parallel()
	unavailable := fault.New(fault.Unavailable, "unavailable", "")
	s := signer(t, token.SignerConfig{Secret: secret})
	v := verifier(t, token.VerifierConfig{Keys: &keySource{KeySource: s, err: unavailable}, Now: newClock().Now})
	if _, err := v.Verify(t.Context(), sign(t, s, claims())); !errors.Is(err, unavailable) {
		t.Fatalf("%v", err)
	}
	if _, err := v.Verify(t.Context(), "no token at all"); !errors.Is(err, token.ErrUnauthenticated) {
		t.Fatalf("what is no token needs no key: %v", err)
	}
}

// revokedSessions is a Revocations of the tests.
type revokedSessions map[string]bool

func (r revokedSessions) Revoked(c token.Claims) bool { return r[c.SessionID] }

func TestARevokedSessionEndsAtOnceEvenForARememberedToken(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := signer(t, token.SignerConfig{Secret: secret})
	gone := revokedSessions{}
	v := verifier(t, token.VerifierConfig{Keys: s, Revoked: gone, Now: c.Now})
	raw := sign(t, s, claims())
	if _, err := v.Verify(t.Context(), raw); err != nil {
		t.Fatal(err)
	}
	gone["session-1"] = true
	for range 2 {
		if got, err := v.Verify(t.Context(), raw); !errors.Is(err, token.ErrSessionEnded) || got != (token.Claims{}) {
			t.Fatalf("%+v, %v", got, err)
		}
		c.Advance(time.Hour) // an expired token of an ended session does not become a merely expired one
	}
}

// cutOff is a Revocations that has overtaken what was issued before it.
type cutOff struct{ before time.Time }

func (c *cutOff) Revoked(claims token.Claims) bool { return claims.IssuedAt.Before(c.before) }

func TestACutOffAsksForARefreshAndEndsNoSession(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := signer(t, token.SignerConfig{Secret: secret})
	cut := &cutOff{}
	v := verifier(t, token.VerifierConfig{Keys: s, Revoked: cut, Now: c.Now})
	raw, credential := sign(t, s, claims()), signSOS(t, sosClaims())
	cut.before = c.Now().Add(time.Minute) // by a clock that is ahead
	if got, err := v.Verify(t.Context(), raw); !errors.Is(err, token.ErrExpired) || got != claims() {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := v.VerifySOS(t.Context(), credential); err != nil {
		t.Errorf("the SOS credential: %v", err)
	}
}

func TestAVerifierNeedsKeys(t *testing.T) {
	t.Parallel()
	if _, err := token.NewVerifier(token.VerifierConfig{}); err == nil {
		t.Fatal("made without a key source")
	}
}
