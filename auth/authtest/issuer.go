package authtest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"github.com/loveapp/backend/shared/freeport"
)

// T is what an Issuer needs of a test; programs that measure have one of their own.
type T interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Cleanup(cleanup func())
}

// Issuer is an identity provider on this machine: discovery, keys and tokens as
// the real ones have them.
type Issuer struct {
	URL string

	tb     T
	server *httptest.Server
	mu     sync.Mutex
	key    *rsa.PrivateKey
	kid    string
	asked  int
}

// issuerKey is made once: it takes a while.
var issuerKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// NewIssuer serves until the test ends.
func NewIssuer(tb T) *Issuer {
	tb.Helper()
	key, err := issuerKey()
	if err != nil {
		tb.Fatalf("%v", err)
	}
	i := &Issuer{tb: tb, key: key, kid: "first"}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", i.discovery)
	mux.HandleFunc("GET /keys", i.keys)
	i.server = &httptest.Server{Listener: freeport.Listen(tb), Config: &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}}
	i.server.Start()
	i.URL = i.server.URL
	tb.Cleanup(i.server.Close)
	return i
}

// Stop makes the provider unreachable: nobody else takes its port.
func (i *Issuer) Stop() { i.server.Close() }

// Rotate makes the provider sign with another key id from now on.
func (i *Issuer) Rotate(kid string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.kid = kid
}

// Asked counts how often somebody wanted the keys.
func (i *Issuer) Asked() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.asked
}

func (i *Issuer) discovery(w http.ResponseWriter, _ *http.Request) {
	i.answer(w, map[string]any{
		"issuer": i.URL, "jwks_uri": i.URL + "/keys", "authorization_endpoint": i.URL + "/authorize",
		"id_token_signing_alg_values_supported": []string{"RS256"}, "response_types_supported": []string{"id_token"}, "subject_types_supported": []string{"public"},
	})
}

func (i *Issuer) keys(w http.ResponseWriter, _ *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.asked++
	i.answer(w, map[string]any{"keys": []any{map[string]string{
		"kty": "RSA", "alg": "RS256", "use": "sig", "kid": i.kid,
		"n": encode(i.key.N.Bytes()), "e": encode(big.NewInt(int64(i.key.E)).Bytes()),
	}}})
}

func (i *Issuer) answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		i.tb.Errorf("%v", err)
	}
}

// Sign gives a token with these claims and no others.
func (i *Issuer) Sign(claims map[string]any) string {
	i.tb.Helper()
	i.mu.Lock()
	defer i.mu.Unlock()
	body := i.part(map[string]any{"alg": "RS256", "typ": "JWT", "kid": i.kid}) + "." + i.part(claims)
	sum := sha256.Sum256([]byte(body))
	signature, err := rsa.SignPKCS1v15(rand.Reader, i.key, crypto.SHA256, sum[:])
	if err != nil {
		i.tb.Fatalf("%v", err)
	}
	return body + "." + encode(signature)
}

func (i *Issuer) part(v any) string {
	i.tb.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		i.tb.Fatalf("%v", err)
	}
	return encode(raw)
}

func encode(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }
