package authclient_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/loveapp/backend/shared/event"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/sos/internal/adapters/authclient"
	"github.com/loveapp/backend/sos/internal/ports"
	"github.com/loveapp/backend/sos/internal/ports/portstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func serve(t *testing.T, handler http.HandlerFunc) *authclient.Client {
	t.Helper()
	listener, err := httpserver.Listen(t.Context(), "127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}}
	server.Start()
	t.Cleanup(server.Close)
	c, err := authclient.New(authclient.Config{URLs: []string{server.URL + "/"}, Token: func() (string, error) { return "proof", nil }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestTheClientKeepsTheContract(t *testing.T) {
	t.Parallel()
	portstest.RunDirectory(t, func(t *testing.T) ports.Directory {
		return serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/internal/users/lookup" {
				lookup(w, r)
				return
			}
			users := map[string]event.User{"ann": {ID: "ann", FirstName: "Ann", LastName: "Archer", Email: "a@example.com", EmailVerified: true, Phone: "+4915112345678"}, "ben": {ID: "ben", Email: "b@example.com"}}
			user, known := users[r.URL.Path[len("/internal/users/"):]]
			if !known || r.Header.Get("Authorization") != "Bearer proof" {
				w.WriteHeader(http.StatusNotFound)
				return
			}
			_ = json.NewEncoder(w).Encode(user)
		})
	})
}

// lookup knows Ann by the address that she has verified.
func lookup(w http.ResponseWriter, r *http.Request) {
	var question event.UserLookup
	if err := json.NewDecoder(r.Body).Decode(&question); err != nil || r.Method != http.MethodPost {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	found := event.Users{Items: []event.User{}}
	if slices.Contains(question.Emails, "a@example.com") {
		found.Items = append(found.Items, event.User{ID: "ann", Active: true}, event.User{ID: "ann's old account"})
	}
	_ = json.NewEncoder(w).Encode(found)
}

func TestAnAnswerThatIsNoneIsAFailure(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"an error": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"no JSON":  func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) },
		"elsewhere": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		},
	} {
		if name2, err := serve(t, handler).Name(t.Context(), "ann"); err == nil || errors.Is(err, ports.ErrUnknownPerson) {
			t.Errorf("%s: %q, %v", name, name2, err)
		}
	}
}

func TestAuthIsLeftAloneWhileItFails(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	for range 50 {
		if _, err := c.Name(t.Context(), "ann"); err == nil {
			t.Fatal("a failure is a name")
		}
	}
	if n := requests.Load(); n >= 50 {
		t.Errorf("%d requests", n)
	}
}

func TestTheClientKeepsTheRostersContract(t *testing.T) {
	t.Parallel()
	portstest.RunRoster(t, func(t *testing.T) ports.Roster {
		return serve(t, func(w http.ResponseWriter, r *http.Request) {
			users := event.Users{Items: []event.User{{ID: "desk"}, {ID: "night"}}}
			if r.URL.Query().Get("limit") == "1" {
				users.Items = users.Items[:1]
			}
			if r.URL.Path != "/internal/staff" || r.Header.Get("Authorization") != "Bearer proof" {
				w.WriteHeader(http.StatusNotFound)
			}
			_ = json.NewEncoder(w).Encode(users)
		})
	})
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	if staff, err := c.Staff(t.Context(), 10); err == nil {
		t.Errorf("a failure is a list: %v", staff)
	}
}
