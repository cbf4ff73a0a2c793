package servicetoken_test

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/servicetoken"
	"github.com/loveapp/backend/shared/token"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	secret config.Secret = "an internal secret of the tests of more than 32 bytes"
	other  config.Secret = "another internal secret of the tests, of more than 32"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// keysAt gives keys whose clock is *now, which the test moves.
func keysAt(tb testing.TB, now *time.Time, secret, previous config.Secret) *servicetoken.Keys {
	tb.Helper()
	k, err := servicetoken.New(servicetoken.Config{Secret: secret, Previous: previous, Now: func() time.Time { return *now }})
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

func sign(tb testing.TB, k *servicetoken.Keys, caller, callee string) string {
	tb.Helper()
	raw, err := k.Sign(caller, callee)
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

func TestACallerIsKnownToItsCalleeOnly(t *testing.T) {
	t.Parallel()
	now := start
	k := keysAt(t, &now, secret, "")
	raw := sign(t, k, servicetoken.SOS, servicetoken.Notification)
	if caller, err := k.Verify(raw, servicetoken.Notification); err != nil || caller != servicetoken.SOS {
		t.Fatalf("%q, %v", caller, err)
	}
	for _, callee := range []string{servicetoken.Auth, servicetoken.SOS, ""} {
		if _, err := k.Verify(raw, callee); !errors.Is(err, servicetoken.ErrUnauthenticated) {
			t.Errorf("%q: %v", callee, err)
		}
	}
	for _, pair := range [][2]string{{"", "auth"}, {"sos", ""}} {
		if _, err := k.Sign(pair[0], pair[1]); err == nil {
			t.Errorf("%q is signed", pair)
		}
	}
}

func TestATokenLivesAMinute(t *testing.T) {
	t.Parallel()
	now := start
	k := keysAt(t, &now, secret, "")
	raw := sign(t, k, servicetoken.Gateway, servicetoken.Auth)
	now = start.Add(time.Minute - time.Millisecond)
	if _, err := k.Verify(raw, servicetoken.Auth); err != nil {
		t.Fatal(err)
	}
	now = start.Add(time.Minute)
	if _, err := k.Verify(raw, servicetoken.Auth); !errors.Is(err, servicetoken.ErrUnauthenticated) {
		t.Fatalf("after a minute: %v", err)
	}
	now = start.Add(-6 * time.Second)
	if _, err := k.Verify(raw, servicetoken.Auth); !errors.Is(err, servicetoken.ErrUnauthenticated) {
		t.Fatalf("six seconds early: %v", err)
	}
}

func TestOneSignatureServesHalfAMinute(t *testing.T) {
	t.Parallel()
	now := start
	k := keysAt(t, &now, secret, "")
	first := sign(t, k, servicetoken.SOS, servicetoken.Auth)
	if sign(t, k, servicetoken.Gateway, servicetoken.Auth) == first || sign(t, k, servicetoken.SOS, servicetoken.Notification) == first {
		t.Fatal("one token for two pairs")
	}
	for ; now.Before(start.Add(30 * time.Second)); now = now.Add(time.Second) {
		if sign(t, k, servicetoken.SOS, servicetoken.Auth) != first {
			t.Fatalf("signed anew after %s", now.Sub(start))
		}
	}
	if sign(t, k, servicetoken.SOS, servicetoken.Auth) == first {
		t.Fatal("less than half a minute of life is left")
	}
}

func TestARotationInTwoRoundsRefusesNobody(t *testing.T) {
	t.Parallel()
	now := start
	rounds := []*servicetoken.Keys{
		keysAt(t, &now, secret, ""), keysAt(t, &now, secret, other), keysAt(t, &now, other, secret), keysAt(t, &now, other, ""),
	}
	for i := range len(rounds) - 1 {
		for _, pair := range [][2]*servicetoken.Keys{{rounds[i], rounds[i+1]}, {rounds[i+1], rounds[i]}} {
			if _, err := pair[0].Verify(sign(t, pair[1], "sos", "auth"), "auth"); err != nil {
				t.Errorf("between rounds %d and %d: %v", i, i+1, err)
			}
		}
	}
	if _, err := rounds[3].Verify(sign(t, rounds[0], "sos", "auth"), "auth"); !errors.Is(err, servicetoken.ErrUnauthenticated) {
		t.Errorf("a secret that is gone: %v", err)
	}
}

func TestAWeakOrMissingSecretIsRefused(t *testing.T) {
	t.Parallel()
	for _, cfg := range []servicetoken.Config{{}, {Secret: "short"}, {Secret: secret, Previous: "short"}} {
		if _, err := servicetoken.New(cfg); err == nil || strings.Contains(err.Error(), "short") {
			t.Errorf("%v", err)
		}
	}
}

// forge signs header and claims with the real key.
func forge(tb testing.TB, header, claims map[string]any) string {
	tb.Helper()
	key, err := hkdf.Key(sha256.New, []byte(secret.Value()), nil, "loveapp service token v1", 32)
	if err != nil {
		tb.Fatal(err)
	}
	var parts []string
	for _, part := range []map[string]any{header, claims} {
		data, err := json.Marshal(part)
		if err != nil {
			tb.Fatal(err)
		}
		parts = append(parts, base64.RawURLEncoding.EncodeToString(data))
	}
	signed := strings.Join(parts, ".")
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func TestForgedAndForeignTokensAreRefused(t *testing.T) {
	t.Parallel()
	now := start
	k := keysAt(t, &now, secret, "")
	header := map[string]any{"alg": "HS256", "typ": "service+jwt"}
	claims := map[string]any{"iss": "sos", "aud": "auth", "iat": start.Unix(), "exp": start.Unix() + 60, "jti": "x"}
	good := forge(t, header, claims)
	if caller, err := k.Verify(good, "auth"); err != nil || caller != "sos" {
		t.Fatalf("the hand-made token: %q, %v", caller, err)
	}
	but := func(m map[string]any, key string, value any) map[string]any {
		m = maps.Clone(m)
		m[key] = value
		if value == nil {
			delete(m, key)
		}
		return m
	}
	access, err := token.NewSigner(token.SignerConfig{Secret: secret})
	if err != nil {
		t.Fatal(err)
	}
	accessToken, err := access.Sign(token.Claims{Subject: "u", SessionID: "s", ID: "i", Role: token.RoleUser, IssuedAt: start, ExpiresAt: start.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	unsigned := good[:strings.LastIndexByte(good, '.')+1]
	cases := map[string]string{
		"nothing":           "",
		"an access token":   accessToken,
		"alg none":          forge(t, but(header, "alg", "none"), claims),
		"no signature":      unsigned,
		"alg HS512":         forge(t, but(header, "alg", "HS512"), claims),
		"typ JWT":           forge(t, but(header, "typ", "JWT"), claims),
		"typ at+jwt":        forge(t, but(header, "typ", "at+jwt"), claims),
		"kid":               forge(t, but(header, "kid", "x"), claims),
		"jwk":               forge(t, but(header, "jwk", map[string]any{"kty": "oct", "k": "AA"}), claims),
		"another secret":    sign(t, keysAt(t, &now, other, ""), "sos", "auth"),
		"a stray bit":       unsigned + strings.Repeat("A", 43),
		"padding":           good + "=",
		"a line break":      good + "\n",
		"a longer life":     forge(t, header, but(claims, "exp", start.Unix()+61)),
		"no end":            forge(t, header, but(claims, "exp", nil)),
		"no beginning":      forge(t, header, but(claims, "iat", nil)),
		"begins later":      forge(t, header, but(but(claims, "iat", start.Unix()+6), "exp", start.Unix()+60)),
		"no id":             forge(t, header, but(claims, "jti", nil)),
		"no caller":         forge(t, header, but(claims, "iss", "")),
		"no callee":         forge(t, header, but(claims, "aud", nil)),
		"several callees":   forge(t, header, but(claims, "aud", []string{"auth", "sos"})),
		"more than 4 KiB":   forge(t, header, but(claims, "x", strings.Repeat("x", 4096))),
		"a caller as list":  forge(t, header, but(claims, "iss", []string{"sos"})),
		"exp as text":       forge(t, header, but(claims, "exp", "soon")),
		"a changed payload": strings.Replace(good, good[40:44], "AAAA", 1),
	}
	for name, raw := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if caller, err := k.Verify(raw, "auth"); !errors.Is(err, servicetoken.ErrUnauthenticated) || caller != "" {
				t.Fatalf("%q, %v", caller, err)
			}
		})
	}
}

func TestARouteIsForTheServicesItNames(t *testing.T) {
	t.Parallel()
	now := start
	k := keysAt(t, &now, secret, "")
	h := k.Require(servicetoken.Notification, []string{servicetoken.SOS, servicetoken.Auth}, func(w http.ResponseWriter, r *http.Request) error {
		caller, _ := servicetoken.CallerFrom(r.Context())
		_, err := w.Write([]byte(caller))
		return err
	})
	cases := map[string]struct {
		authorization string
		status        int
		body          string
	}{
		"named":              {"Bearer " + sign(t, k, "sos", "notification"), 200, "sos"},
		"named too":          {"bearer " + sign(t, k, "auth", "notification"), 200, "auth"},
		"not named":          {"Bearer " + sign(t, k, "gateway", "notification"), 403, `"code":"forbidden"`},
		"for another callee": {"Bearer " + sign(t, k, "sos", "auth"), 401, `"code":"unauthenticated"`},
		"no token":           {"", 401, `"code":"unauthenticated"`},
		"another scheme":     {"SOS " + sign(t, k, "sos", "notification"), 401, `"code":"unauthenticated"`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodPost, "/internal/notifications", nil)
			r.Header.Set("Authorization", c.authorization)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.body) {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
		})
	}
}
