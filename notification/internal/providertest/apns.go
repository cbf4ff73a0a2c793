package providertest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/loveapp/backend/notification/internal/ports/portstest"
)

// What the service knows: a device, its app, and the key of the app's team.
const (
	APNsToken  = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	APNsTopic  = "example.love.app"
	APNsKeyID  = "ABC123DEFG"
	APNsTeamID = "DEF123GHIJ"
)

// APNs is the Apple Push Notification service: HTTP/2 over TLS, provider tokens.
type APNs struct {
	*behaviour
	URL   string
	Roots *x509.CertPool
	// Key is the .p8 file that Apple gives.
	Key string
	key *ecdsa.PrivateKey

	mu      sync.Mutex
	expired string // a token that is not taken any more
	used    map[string]bool
}

// NewAPNs runs until the test ends.
func NewAPNs(t *testing.T) *APNs {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	a := &APNs{
		behaviour: newBehaviour(t), key: key, Roots: x509.NewCertPool(), used: map[string]bool{},
		Key: string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	}
	server := httptest.NewUnstartedServer(a)
	server.EnableHTTP2 = true
	server.StartTLS()
	a.URL = server.URL
	a.Roots.AddCert(server.Certificate())
	t.Cleanup(func() { close(a.release); server.CloseClientConnections(); server.Close() })
	return a
}

// ExpireToken has the newest provider token refused from now on.
func (a *APNs) ExpireToken() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for token := range a.used {
		a.expired = token
	}
}

// Tokens is how many provider tokens were used.
func (a *APNs) Tokens() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.used)
}

func apnsSays(status int, reason string) strike {
	return strike{status, map[string]string{"reason": reason}}
}

// ServeHTTP is POST /3/device/{token}.
func (a *APNs) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	outcome := a.outcome()
	if a.trouble(w, r, outcome) {
		return
	}
	w.Header().Set("apns-id", r.Header.Get("apns-id"))
	answer(w, a.judge(r, outcome))
}

func (a *APNs) judge(r *http.Request, outcome portstest.Outcome) strike {
	if r.ProtoMajor != 2 || r.Method != http.MethodPost {
		return apnsSays(http.StatusMethodNotAllowed, "MethodNotAllowed")
	}
	if reason := a.badToken(r.Header.Get("Authorization")); reason != "" {
		return apnsSays(http.StatusForbidden, reason)
	}
	if reason := badHeaders(r.Header); reason != "" {
		return apnsSays(http.StatusBadRequest, reason)
	}
	switch {
	case outcome == portstest.Forgets:
		return strike{http.StatusGone, map[string]any{"reason": "Unregistered", "timestamp": time.Now().UnixMilli()}}
	case r.URL.Path != "/3/device/"+APNsToken:
		return apnsSays(http.StatusBadRequest, "BadDeviceToken")
	case outcome == portstest.Distrusts:
		return apnsSays(http.StatusForbidden, "InvalidProviderToken")
	case outcome == portstest.Throttles:
		return apnsSays(http.StatusTooManyRequests, "TooManyRequests")
	case outcome == portstest.Fails:
		return apnsSays(http.StatusServiceUnavailable, "ServiceUnavailable")
	case outcome == portstest.Refuses:
		return apnsSays(http.StatusBadRequest, "BadExpirationDate")
	}
	return a.read(r)
}

func (a *APNs) badToken(header string) string {
	const scheme = "bearer "
	if len(header) < len(scheme) || header[:len(scheme)] != scheme {
		return "MissingProviderToken"
	}
	text, claims := header[len(scheme):], jwt.MapClaims{}
	token, err := jwt.ParseWithClaims(text, claims, func(*jwt.Token) (any, error) { return &a.key.PublicKey, nil },
		jwt.WithValidMethods([]string{"ES256"}), jwt.WithIssuer(APNsTeamID))
	issued, issuedErr := claims.GetIssuedAt()
	if err != nil || issuedErr != nil || issued == nil || token.Header["kid"] != APNsKeyID {
		return "InvalidProviderToken"
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if text == a.expired {
		return "ExpiredProviderToken"
	}
	a.used[text] = true
	return ""
}

func badHeaders(h http.Header) string {
	switch {
	case h.Get("apns-topic") != APNsTopic:
		return "DeviceTokenNotForTopic"
	case h.Get("apns-push-type") != "alert":
		return "InvalidPushType"
	case h.Get("apns-priority") != "10" && h.Get("apns-priority") != "5":
		return "BadPriority"
	case len(h.Get("apns-collapse-id")) > 64:
		return "BadCollapseId"
	}
	if at, err := strconv.ParseInt(h.Get("apns-expiration"), 10, 64); err != nil || at < time.Now().Unix() {
		return "BadExpirationDate"
	}
	return ""
}

// maxAPNs is the most that a payload may have.
const maxAPNs = 4096

func (a *APNs) read(r *http.Request) strike {
	body, err := io.ReadAll(r.Body)
	if err != nil || len(body) == 0 {
		return apnsSays(http.StatusBadRequest, "PayloadEmpty")
	}
	if len(body) > maxAPNs {
		return apnsSays(http.StatusRequestEntityTooLarge, "PayloadTooLarge")
	}
	var p struct {
		APS struct {
			Alert        struct{ Title, Body string }
			Interruption string `json:"interruption-level"`
		}
		NotificationID, Category, Kind, TicketID string
		Seq                                      int64
	}
	if json.Unmarshal(body, &p) != nil || p.NotificationID == "" || p.Seq == 0 || p.Kind == "" || p.APS.Alert.Title == "" || p.APS.Interruption == "" {
		return apnsSays(http.StatusBadRequest, "BadPayload")
	}
	a.show(r.Header.Get("apns-collapse-id"))
	a.take(p.APS.Alert.Title + "\n" + p.APS.Alert.Body)
	return strike{status: http.StatusOK}
}
