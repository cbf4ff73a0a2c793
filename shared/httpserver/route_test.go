package httpserver_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/loveapp/backend/shared/httpserver"
)

// table is the smallest router: it remembers what was mounted.
type table map[string]http.Handler

func (t table) Handler(method, path string, handler http.Handler) { t[method+" "+path] = handler }

func TestMountAddsHeadAndRefusesEmptyParameters(t *testing.T) {
	t.Parallel()
	ok := func(w http.ResponseWriter, _ *http.Request) error { return httpserver.NoContent(w) }
	router := table{}
	httpserver.Mount(router, []httpserver.Route{
		{Method: http.MethodGet, Pattern: "/v1/things/:id/parts/:part", Handler: ok},
		{Method: http.MethodPost, Pattern: "/v1/things", Handler: ok},
	})
	if len(router) != 3 || router["HEAD /v1/things/:id/parts/:part"] == nil {
		t.Fatalf("mounted %v", router)
	}
	cases := map[string]int{
		"/v1/things/7/parts/8": http.StatusNoContent,
		"/v1/things//parts/8":  http.StatusNotFound,
		"/v1/things/7/parts/":  http.StatusNotFound,
	}
	for path, want := range cases {
		w := httptest.NewRecorder()
		router["GET /v1/things/:id/parts/:part"].ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody))
		if w.Code != want {
			t.Errorf("%s answered %d, want %d", path, w.Code, want)
		}
	}
}
