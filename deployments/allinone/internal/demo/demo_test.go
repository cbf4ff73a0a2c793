package demo_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/loveapp/backend/deployments/allinone/internal/demo"
)

func TestAnEmptyDatabaseGetsAnAccountWithAPasswordOfItsOwn(t *testing.T) {
	t.Parallel()
	one, two := prepare(t, t.TempDir(), "embedded", true), prepare(t, t.TempDir(), "embedded", true)
	if one.Email == "" || len(one.Password) < 16 || one.Password == two.Password {
		t.Fatalf("%d characters for %q, the same in both: %v", len(one.Password), one.Email, one.Password == two.Password)
	}
}

func TestAnAccountIsFoundAgainOnlyWithTheDatabaseThatHasIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	made := prepare(t, dir, "embedded", true)
	if again := prepare(t, dir, "embedded", false); again == nil || again.Password != made.Password {
		t.Fatalf("found %+v", again)
	}
	if other := prepare(t, dir, "db:5432/loveapp", false); other != nil {
		t.Fatalf("another database was given %q", other.Email)
	}
	if none := prepare(t, t.TempDir(), "embedded", false); none != nil {
		t.Fatalf("a database with data was given %q", none.Email)
	}
}

func TestRegisterWaitsForTheServiceAndThenDoesItOnce(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	gateway := answering(t, func(w http.ResponseWriter, r *http.Request) {
		var got struct{ Email, Password string }
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil || r.URL.Path != "/v1/auth/register" || got.Password == "" {
			t.Errorf("%s with %+v, %v", r.URL.Path, got, err)
		}
		if calls.Add(1) < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusCreated)
	})
	dir := t.TempDir()
	for _, empty := range []bool{true, false} {
		if err := prepare(t, dir, "embedded", empty).Register(t.Context(), gateway); err != nil {
			t.Fatal(err)
		}
	}
	if calls.Load() != 3 {
		t.Fatalf("%d calls, want 2 refused and 1 accepted", calls.Load())
	}
}

func TestAnAccountThatIsThereAlreadyIsFine(t *testing.T) {
	t.Parallel()
	gateway := answering(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusConflict) })
	if err := prepare(t, t.TempDir(), "embedded", true).Register(t.Context(), gateway); err != nil {
		t.Fatal(err)
	}
}

func TestARefusalIsToldWithItsReason(t *testing.T) {
	t.Parallel()
	gateway := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "validation_failed", http.StatusUnprocessableEntity)
	})
	err := prepare(t, t.TempDir(), "embedded", true).Register(t.Context(), gateway)
	if err == nil || !strings.Contains(err.Error(), "422") || !strings.Contains(err.Error(), "validation_failed") {
		t.Fatalf("Register() = %v", err)
	}
}

func prepare(t *testing.T, dir, database string, empty bool) *demo.Account {
	t.Helper()
	account, err := demo.Prepare(dir, database, empty)
	if err != nil {
		t.Fatal(err)
	}
	return account
}

func answering(t *testing.T, handler http.HandlerFunc) (url string) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}
