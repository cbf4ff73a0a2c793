package authclient_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/loveapp/backend/notification/internal/adapters/authclient"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports/portstest"
	"github.com/loveapp/backend/shared/event"
	"github.com/loveapp/backend/shared/httpserver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve answers for auth, after a copy that is down.
func serve(t *testing.T, handler http.HandlerFunc) *authclient.Client {
	t.Helper()
	listener, err := httpserver.Listen(t.Context(), "127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}}
	server.Start()
	t.Cleanup(server.Close)
	c, err := authclient.New(authclient.Config{URLs: []string{"http://127.0.0.1:1", server.URL + "/"}, Token: func() (string, error) { return "proof", nil }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestTheClientKeepsTheContract(t *testing.T) {
	t.Parallel()
	portstest.People(t, func(t *testing.T) portstest.Known {
		var away atomic.Bool
		c := serve(t, func(w http.ResponseWriter, r *http.Request) {
			var question event.UserLookup
			if away.Load() || json.NewDecoder(r.Body).Decode(&question) != nil || r.Method != http.MethodPost ||
				r.URL.Path != "/internal/users/lookup" || r.Header.Get("Authorization") != "Bearer proof" {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			answer := event.Users{Items: []event.User{}}
			for _, user := range []event.User{
				{ID: "ana", Email: "ana@example.com", EmailVerified: true, Phone: "+4915112345678", PhoneVerified: true, Locale: "fr"},
				{ID: "ben", Email: "ben@example.com", Phone: "+4915112345679"},
			} {
				if slices.Contains(question.IDs, user.ID) {
					answer.Items = append(answer.Items, user)
				}
			}
			_ = json.NewEncoder(w).Encode(answer)
		})
		return portstest.Known{People: c, Ana: "ana", Ben: "ben", Away: away.Store}
	})
}

func TestAuthIsLeftAloneWhileItFails(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		w.WriteHeader(http.StatusInternalServerError)
	})
	for range 50 {
		if _, err := c.Of(t.Context(), []domain.UserID{"ana"}); err == nil {
			t.Fatal("a failure is an answer")
		}
	}
	if n := requests.Load(); n >= 50 {
		t.Errorf("%d requests", n)
	}
}

func TestAnAnswerThatIsNoneIsAFailure(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) })
	if people, err := c.Of(t.Context(), []domain.UserID{"ana"}); err == nil {
		t.Errorf("%+v", people)
	}
	if _, err := authclient.New(authclient.Config{}); err == nil {
		t.Error("made of nothing")
	}
}
