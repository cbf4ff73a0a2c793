package problem_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/problem"
	"github.com/loveapp/backend/shared/request"
)

func answer(t *testing.T, method string, err error) (*httptest.ResponseRecorder, *strings.Builder) {
	t.Helper()
	var log strings.Builder
	info := &request.Info{ID: "req-1", Pattern: "/v1/things/:id", Logger: slog.New(slog.NewTextHandler(&log, nil))}
	r := httptest.NewRequestWithContext(request.With(t.Context(), info), method, "/v1/things/7?ticket=secret", http.NoBody)
	w := httptest.NewRecorder()
	problem.Write(w, r, err)
	return w, &log
}

func TestAFaultBecomesAProblemDocument(t *testing.T) {
	t.Parallel()
	err := fault.New(fault.Conflict, "invalid_transition", "The ticket is closed.").
		WithExtra("allowed", []string{"reopen"}).WithField("status", "closed", "is closed").WithRetryAfter(1500 * time.Millisecond)
	w, _ := answer(t, http.MethodPost, err)
	var doc map[string]any
	if e := json.Unmarshal(w.Body.Bytes(), &doc); e != nil {
		t.Fatal(e)
	}
	for key, want := range map[string]any{
		"type": "about:blank", "title": "Conflict", "status": 409.0,
		"detail": "The ticket is closed.", "code": "invalid_transition", "requestId": "req-1",
	} {
		if doc[key] != want {
			t.Errorf("%s is %v, want %v", key, doc[key], want)
		}
	}
	if doc["allowed"] == nil || doc["errors"] == nil {
		t.Errorf("members are missing: %v", doc)
	}
	if got := w.Header().Get("Retry-After"); got != "2" {
		t.Errorf("Retry-After is %q: it must not send the client back too early", got)
	}
	if got := w.Header().Get("Content-Type"); got != problem.ContentType {
		t.Errorf("Content-Type is %q", got)
	}
}

func TestAnUnclassifiedErrorTellsTheClientNothingAndTheLogAll(t *testing.T) {
	t.Parallel()
	w, log := answer(t, http.MethodGet, errors.New(`pq: relation "users" does not exist at 10.0.0.7`))
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "pq") || strings.Contains(w.Body.String(), "10.0.0.7") {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), "relation") || strings.Contains(log.String(), "secret") {
		t.Fatalf("the log says %s", log)
	}
}

func TestA401Challenges(t *testing.T) {
	t.Parallel()
	w, _ := answer(t, http.MethodGet, fault.New(fault.Unauthenticated, "token_expired", "Refresh and try again."))
	if got := w.Header().Get("WWW-Authenticate"); !strings.HasPrefix(got, "Bearer ") || !strings.Contains(got, "token_expired") {
		t.Fatalf("WWW-Authenticate is %q", got)
	}
	w, _ = answer(t, http.MethodGet, fault.New(fault.Unauthenticated, "unauthenticated", "A valid access token is needed."))
	if got := w.Header().Get("WWW-Authenticate"); got != "Bearer" {
		t.Fatalf("WWW-Authenticate is %q", got)
	}
}

func TestHeadGetsNoBody(t *testing.T) {
	t.Parallel()
	if w, _ := answer(t, http.MethodHead, fault.New(fault.NotFound, "not_found", "")); w.Body.Len() != 0 || w.Code != http.StatusNotFound {
		t.Fatalf("%d with %d bytes", w.Code, w.Body.Len())
	}
}

func TestAClientThatLeftIsNoFailure(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	problem.Write(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/", http.NoBody), ctx.Err())
	if w.Body.Len() != 0 {
		t.Fatalf("answered %s", w.Body)
	}
}

func TestEveryKindHasItsStatus(t *testing.T) {
	t.Parallel()
	seen := map[int]fault.Kind{}
	for kind := fault.Internal; kind <= fault.Timeout; kind++ {
		status := problem.Status(kind)
		if other, twice := seen[status]; twice {
			t.Errorf("kinds %d and %d share %d", other, kind, status)
		}
		seen[status] = kind
	}
}

func TestAProbeThatIsToldNoIsNoWarning(t *testing.T) {
	t.Parallel()
	for pattern, warned := range map[string]bool{"/health/ready": false, "/v1/things": true} {
		var log strings.Builder
		info := &request.Info{ID: "req-1", Pattern: pattern, Logger: slog.New(slog.NewTextHandler(&log, nil))}
		r := httptest.NewRequestWithContext(request.With(t.Context(), info), http.MethodGet, "/", http.NoBody)
		problem.Write(httptest.NewRecorder(), r, fault.New(fault.Unavailable, "unavailable", "Starting."))
		if got := log.Len() > 0; got != warned {
			t.Errorf("%s: logged %v, want %v", pattern, got, warned)
		}
	}
}
