package world_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/loveapp/backend/test/world"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// listener is a test that notes complaints instead of failing.
type listener struct {
	*testing.T

	complaints []string
}

// Errorf notes the complaint.
func (l *listener) Errorf(format string, args ...any) {
	l.complaints = append(l.complaints, fmt.Sprintf(format, args...))
}

func TestAClientComplainsOfWhatTheContractDoesNotSay(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		method, path, body string
		lenient            func(context.Context) context.Context
		complaint          string // "" for none
	}{
		"an answer of another shape":   {"GET", "/v1/auth/profile", "", nil, "answer 200 to GET /v1/auth/profile"},
		"a request of another shape":   {"POST", "/v1/auth/login", `{"email":7}`, nil, "request POST /v1/auth/login"},
		"a bad request on purpose":     {"POST", "/v1/auth/logout", `{"scope":7}`, world.Mischief, ""},
		"an unwatched one":             {"GET", "/v1/auth/profile", "", world.Unwatched, ""},
		"an answer as it was promised": {"POST", "/v1/auth/logout", "", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(answerBadly))
			t.Cleanup(server.Close)
			ctx := t.Context()
			if tt.lenient != nil {
				ctx = tt.lenient(ctx)
			}
			l := &listener{T: t}
			r, err := http.NewRequestWithContext(ctx, tt.method, server.URL+tt.path, strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			answer, err := world.NewClient(l).Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = answer.Body.Close()
			said := strings.Join(l.complaints, "\n")
			if (said == "") != (tt.complaint == "") || !strings.Contains(said, tt.complaint) {
				t.Errorf("the client says %q, want %q in it", said, tt.complaint)
			}
		})
	}
}

// answerBadly knows the right answer to a logout only.
func answerBadly(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Request-Id", "r1")
	w.Header().Set("Cache-Control", "no-store")
	if r.URL.Path == "/v1/auth/logout" {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(`{"id":"7"}`))
}
