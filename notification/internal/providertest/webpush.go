package providertest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports/portstest"
)

// Push is one message as a browser got it.
type Push struct {
	Header  http.Header
	Message struct {
		NotificationID, Category, Kind, TicketID, Title, Body string
		Seq                                                   int64
	}
	Size int // of the message in clear, in bytes
}

// WebPush is a push service (RFC 8030) and the one browser that uses it.
type WebPush struct {
	*behaviour
	URL string
	// Subscription is what the browser gives to be reached by.
	Subscription domain.Subscription

	key    *ecdh.PrivateKey
	secret []byte

	mu     sync.Mutex
	pushes []Push
	doubt  error
}

// NewWebPush runs until the test ends.
func NewWebPush(t *testing.T) *WebPush {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	w := &WebPush{behaviour: newBehaviour(t), key: key, secret: []byte("sixteen bytes ..")}
	server := httptest.NewServer(http.HandlerFunc(w.serve))
	t.Cleanup(func() { close(w.release); server.CloseClientConnections(); server.Close() })
	w.URL = server.URL
	encode := base64.RawURLEncoding.EncodeToString
	w.Subscription = domain.Subscription{Endpoint: server.URL + "/subscription", P256DH: encode(key.PublicKey().Bytes()), Auth: encode(w.secret)}
	return w
}

// Pushes are what the browser has got.
func (s *WebPush) Pushes() []Push {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Push{}, s.pushes...)
}

// Doubt is why the last message was refused.
func (s *WebPush) Doubt() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.doubt
}

func (s *WebPush) serve(w http.ResponseWriter, r *http.Request) {
	outcome := s.outcome()
	if s.trouble(w, r, outcome) {
		return
	}
	status := map[portstest.Outcome]int{
		portstest.Throttles: http.StatusTooManyRequests, portstest.Fails: http.StatusServiceUnavailable, portstest.Refuses: http.StatusRequestEntityTooLarge,
		portstest.Forgets: http.StatusGone, portstest.Distrusts: http.StatusForbidden,
	}[outcome]
	if status == 0 {
		status = s.judge(r)
	}
	if status == http.StatusCreated {
		w.Header().Set("Location", fmt.Sprintf("%s/message/%d", s.URL, len(s.Pushes())))
	}
	answer(w, strike{status: status})
}

// judge takes a message as strictly as push services do.
func (s *WebPush) judge(r *http.Request) int {
	if r.URL.Path != "/subscription" {
		return http.StatusNotFound
	}
	body, err := io.ReadAll(r.Body)
	got := Push{Header: r.Header.Clone()}
	var clear []byte
	if err == nil {
		err = errors.Join(badHeader(r.Header), s.badVAPID(r.Header.Get("Authorization")))
	}
	if err == nil {
		clear, err = s.open(body)
	}
	if err == nil {
		err = json.Unmarshal(clear, &got.Message)
	}
	got.Size = len(clear)
	s.mu.Lock()
	s.doubt = err
	if err == nil {
		s.pushes = append(s.pushes, got)
	}
	s.mu.Unlock()
	if err != nil {
		return http.StatusBadRequest
	}
	s.show(r.Header.Get("Topic"))
	s.take(got.Message.Title + "\n" + got.Message.Body)
	return http.StatusCreated
}

var topicForm = regexp.MustCompile(`^[A-Za-z0-9_-]{0,32}$`)

func badHeader(h http.Header) error {
	ttl, err := strconv.Atoi(h.Get("TTL"))
	if err != nil || ttl < 0 {
		return fmt.Errorf("the TTL is %q", h.Get("TTL"))
	}
	if h.Get("Content-Encoding") != "aes128gcm" || !topicForm.MatchString(h.Get("Topic")) {
		return fmt.Errorf("the encoding is %q, the topic %q", h.Get("Content-Encoding"), h.Get("Topic"))
	}
	return nil
}

const longestVAPID = 24 * time.Hour // RFC 8292 section 2

// badVAPID checks who sends (RFC 8292).
func (s *WebPush) badVAPID(authorization string) error {
	rest, ok := strings.CutPrefix(authorization, "vapid t=")
	token, key, split := strings.Cut(rest, ", k=")
	point, err := base64.RawURLEncoding.DecodeString(key)
	if !ok || !split || err != nil {
		return errors.New("no vapid")
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return err
	}
	claims := jwt.RegisteredClaims{}
	_, err = jwt.ParseWithClaims(token, &claims, func(*jwt.Token) (any, error) { return public, nil },
		jwt.WithValidMethods([]string{"ES256"}), jwt.WithAudience(s.URL), jwt.WithExpirationRequired())
	if err != nil {
		return err
	}
	if time.Until(claims.ExpiresAt.Time) > longestVAPID || !strings.HasPrefix(claims.Subject, "mailto:") && !strings.HasPrefix(claims.Subject, "https:") {
		return fmt.Errorf("vapid until %s by %q", claims.ExpiresAt, claims.Subject)
	}
	return nil
}

// open is what the browser does with a message (RFC 8188 section 2, RFC 8291 section 3).
func (s *WebPush) open(body []byte) ([]byte, error) {
	const salt, size, point = 16, 4, 65
	const head = salt + size + 1 + point
	if len(body) < head || len(body) > 4096 || int(body[salt+size]) != point || binary.BigEndian.Uint32(body[salt:]) < uint32(len(body)-head) {
		return nil, fmt.Errorf("no record: %d bytes", len(body))
	}
	sender, err := ecdh.P256().NewPublicKey(body[head-point : head])
	if err != nil {
		return nil, err
	}
	shared, err := s.key.ECDH(sender)
	if err != nil {
		return nil, err
	}
	info := "WebPush: info\x00" + string(s.key.PublicKey().Bytes()) + string(sender.Bytes())
	material, err := hkdf.Key(sha256.New, shared, s.secret, info, sha256.Size)
	if err != nil {
		return nil, err
	}
	clear, err := unseal(material, body[:salt], body[head:])
	if err != nil {
		return nil, err
	}
	text := strings.TrimRight(string(clear), "\x00")
	if !strings.HasSuffix(text, "\x02") { // the delimiter of the last record
		return nil, errors.New("no delimiter")
	}
	return []byte(text[:len(text)-1]), nil
}

func unseal(material, salt, sealed []byte) ([]byte, error) {
	const keySize, nonceSize = 16, 12
	key, err := hkdf.Key(sha256.New, material, salt, "Content-Encoding: aes128gcm\x00", keySize)
	if err != nil {
		return nil, err
	}
	nonce, err := hkdf.Key(sha256.New, material, salt, "Content-Encoding: nonce\x00", nonceSize)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	return gcm.Open(nil, nonce, sealed, nil)
}
