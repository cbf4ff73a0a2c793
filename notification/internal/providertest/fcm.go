package providertest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/loveapp/backend/notification/internal/ports/portstest"
)

const fcmProject, fcmEmail, fcmScope = "love-app-test", "sender@love-app-test.iam.example", "https://www.googleapis.com/auth/firebase.messaging"

// FCMToken is of a device that the service knows.
const FCMToken = "fcm-token-of-a-device:APA91bExample"

// FCM is Google's token service and Firebase Cloud Messaging (HTTP v1) in one.
type FCM struct {
	*behaviour
	URL string
	// ServiceAccount is the JSON file that its console gives.
	ServiceAccount string
	key            *rsa.PrivateKey
	distrust       string

	mu     sync.Mutex
	tokens int // how many were given out; the last one is good
}

// NewFCM runs until the test ends.
func NewFCM(t *testing.T) *FCM {
	t.Helper()
	const bits = 2048
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	f := &FCM{behaviour: newBehaviour(t), key: key}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", f.token)
	mux.HandleFunc("POST /v1/projects/"+fcmProject+"/messages:send", f.send)
	mux.HandleFunc("POST "+elsewhere, f.send)
	server := httptest.NewServer(mux)
	f.URL = server.URL
	t.Cleanup(func() { close(f.release); server.CloseClientConnections(); server.Close() })
	f.ServiceAccount = f.file(t)
	return f
}

func (f *FCM) file(t *testing.T) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(f.key)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]string{
		"type": "service_account", "project_id": fcmProject, "private_key_id": "key-1", "client_email": fcmEmail, "token_uri": f.URL + "/token",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Tokens is how many access tokens were given out.
func (f *FCM) Tokens() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.tokens
}

// Word is by which of FCM's codes it does not take our credentials. It is called before anything is sent.
func (f *FCM) Word(code string) { f.distrust = code }

// Expire has the tokens that were given out refused.
func (f *FCM) Expire() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tokens++
}

// token is the grant of RFC 7523.
func (f *FCM) token(w http.ResponseWriter, r *http.Request) {
	if r.FormValue("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" || f.badAssertion(r.FormValue("assertion")) != nil {
		answer(w, strike{http.StatusBadRequest, map[string]string{"error": "invalid_grant"}})
		return
	}
	f.mu.Lock()
	f.tokens++
	token := f.current()
	f.mu.Unlock()
	answer(w, strike{http.StatusOK, map[string]any{"access_token": token, "expires_in": 3599, "token_type": "Bearer"}})
}

func (f *FCM) current() string { return fmt.Sprintf("ya29.test-%d", f.tokens) }

func (f *FCM) badAssertion(text string) error {
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(text, claims, func(*jwt.Token) (any, error) { return &f.key.PublicKey, nil },
		jwt.WithValidMethods([]string{"RS256"}), jwt.WithIssuer(fcmEmail), jwt.WithAudience(f.URL+"/token"), jwt.WithExpirationRequired(), jwt.WithIssuedAt())
	if err != nil {
		return err
	}
	if claims["scope"] != fcmScope {
		return fmt.Errorf("the scope is %v", claims["scope"])
	}
	return nil
}

// fcmMessage is what is checked of a message.
type fcmMessage struct {
	Message struct {
		Token        string
		Data         map[string]string
		Notification struct{ Title, Body string }
		Android      struct {
			Priority, TTL string
			Notification  struct{ Tag string }
		}
		APNs struct{ Headers map[string]string }
	}
}

func (f *FCM) send(w http.ResponseWriter, r *http.Request) {
	outcome := f.outcome()
	if f.trouble(w, r, outcome) {
		return
	}
	answer(w, f.judge(r, outcome))
}

// fcmSays is google.rpc.Status with FCM's own code among the details.
func fcmSays(status int, word, code string) strike {
	fault := map[string]any{"code": status, "status": word, "message": "said to a test"}
	if code != "" {
		fault["details"] = []any{map[string]string{"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code}}
	}
	return strike{status, map[string]any{"error": fault}}
}

// maxFCM is the most that a message may have, its token aside.
const maxFCM = 4096

func (f *FCM) judge(r *http.Request, outcome portstest.Outcome) strike {
	f.mu.Lock()
	good := "Bearer " + f.current()
	f.mu.Unlock()
	if r.Header.Get("Authorization") != good {
		return fcmSays(http.StatusUnauthorized, "UNAUTHENTICATED", "")
	}
	var m fcmMessage
	if err := json.NewDecoder(r.Body).Decode(&m); err != nil || r.ContentLength > maxFCM+int64(len(m.Message.Token)) ||
		m.Message.Data["notificationId"] == "" || m.Message.Data["seq"] == "" || m.Message.Data["kind"] == "" || m.Message.Data["category"] == "" ||
		(m.Message.Android.Priority != "HIGH" && m.Message.Android.Priority != "NORMAL") || !strings.HasSuffix(m.Message.Android.TTL, "s") {
		return fcmSays(http.StatusBadRequest, "INVALID_ARGUMENT", "INVALID_ARGUMENT")
	}
	switch {
	case outcome == portstest.Forgets, m.Message.Token != FCMToken:
		return fcmSays(http.StatusNotFound, "NOT_FOUND", "UNREGISTERED")
	case outcome == portstest.Refuses:
		return fcmSays(http.StatusBadRequest, "INVALID_ARGUMENT", "INVALID_ARGUMENT")
	case outcome == portstest.Throttles:
		return fcmSays(http.StatusTooManyRequests, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED")
	case outcome == portstest.Fails:
		return fcmSays(http.StatusServiceUnavailable, "UNAVAILABLE", "UNAVAILABLE")
	case outcome == portstest.Distrusts:
		return fcmSays(http.StatusForbidden, "PERMISSION_DENIED", f.distrust)
	}
	if m.Message.APNs.Headers["apns-collapse-id"] == m.Message.Android.Notification.Tag {
		f.show(m.Message.Android.Notification.Tag)
	} else {
		f.show("")
	}
	n := f.take(m.Message.Notification.Title + "\n" + m.Message.Notification.Body)
	return strike{http.StatusOK, map[string]string{"name": fmt.Sprintf("projects/%s/messages/%d", fcmProject, n)}}
}
