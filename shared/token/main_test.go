package token_test

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/freeport"
	"github.com/loveapp/backend/shared/token"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	secret   config.Secret = "a secret of the tests that has more than 32 bytes"
	previous config.Secret = "another secret of the tests, the one before that"
	next     config.Secret = "another secret of the tests, the one after that"
)

// issued is the moment at which the tests' tokens are made.
var issued = time.Date(2026, 3, 1, 12, 0, 0, int(123*time.Millisecond), time.UTC)

func claims() token.Claims {
	return token.Claims{
		Subject: "user-1", SessionID: "session-1", ID: "token-1", Role: token.RoleUser,
		IssuedAt: issued, NotBefore: issued, ExpiresAt: issued.Add(15 * time.Minute),
	}
}

func signer(tb testing.TB, cfg token.SignerConfig) *token.Signer {
	tb.Helper()
	s, err := token.NewSigner(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func sign(tb testing.TB, s *token.Signer, c token.Claims) string {
	tb.Helper()
	raw, err := s.Sign(c)
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

func verifier(tb testing.TB, cfg token.VerifierConfig) *token.Verifier {
	tb.Helper()
	v, err := token.NewVerifier(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

// clock is a time that only the test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: issued} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// privateKey derives what the signer signs with, so that tests can sign what it refuses to.
func privateKey(tb testing.TB, s config.Secret) ed25519.PrivateKey {
	tb.Helper()
	seed, err := hkdf.Key(sha256.New, []byte(s.Value()), nil, "loveapp access token v1", 32)
	if err != nil {
		tb.Fatal(err)
	}
	return ed25519.NewKeyFromSeed(seed)
}

// parts of the JWT that a valid token of the tests has.
func validHeader(tb testing.TB) map[string]any {
	tb.Helper()
	return map[string]any{"alg": "EdDSA", "typ": "at+jwt", "kid": kids(tb, signer(tb, token.SignerConfig{Secret: secret}))[0]}
}

func validClaims() map[string]any {
	return map[string]any{
		"iss": "loveapp-auth", "aud": "loveapp", "sub": "user-1", "sid": "session-1", "jti": "token-1", "role": "USER",
		"iat": 1772366400.123, "nbf": 1772366400.123, "exp": 1772367300.123,
	}
}

// but gives a copy with one member changed, or without it where value is nil.
func but(m map[string]any, key string, value any) map[string]any {
	m = maps.Clone(m)
	m[key] = value
	if value == nil {
		delete(m, key)
	}
	return m
}

func encode(tb testing.TB, v any) string {
	tb.Helper()
	if raw, ok := v.(string); ok {
		return base64.RawURLEncoding.EncodeToString([]byte(raw))
	}
	data, err := json.Marshal(v)
	if err != nil {
		tb.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(data)
}

// forge signs any header and claims; strings stand for themselves.
func forge(tb testing.TB, header, claims any) string {
	tb.Helper()
	signed := encode(tb, header) + "." + encode(tb, claims)
	return signed + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(privateKey(tb, secret), []byte(signed)))
}

func kids(tb testing.TB, s *token.Signer) []string {
	tb.Helper()
	var set struct {
		Keys []struct {
			KID string `json:"kid"`
		} `json:"keys"`
	}
	if err := json.Unmarshal(s.JWKS(), &set); err != nil {
		tb.Fatal(err)
	}
	var ids []string
	for _, k := range set.Keys {
		ids = append(ids, k.KID)
	}
	return ids
}

// serve runs handler on a real listener and gives its base URL.
func serve(tb testing.TB, handler http.Handler) *httptest.Server {
	tb.Helper()
	server := &httptest.Server{Listener: freeport.Listen(tb), Config: &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}}
	server.Start()
	tb.Cleanup(server.Close)
	return server
}

// roundTrip is a transport without a network.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
