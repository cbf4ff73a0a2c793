package gateway_test

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/loveapp/backend/gateway/gatewaytest"
)

// Small bodies and large ones go to a service in different ways, which must not show.
func TestBodiesOfEverySizeArriveWhole(t *testing.T) {
	t.Parallel()
	sos := serve(t, func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		_, _ = fmt.Fprintf(w, "%d of %d, %v, %v, %q", len(b), r.ContentLength, r.TransferEncoding, err, r.Header["Content-Length"])
	})
	w := start(t, gatewaytest.Options{SOSURLs: []string{sos.URL}})
	for _, size := range []int{0, 1, 4000, 16 << 10, 16<<10 + 1, 64 << 10} {
		want := fmt.Sprintf("%d of %d, [], <nil>, [%q]", size, size, strconv.Itoa(size))
		for range 2 { // over a new connection and over one that is kept
			if a := send(t, http.MethodPost, w.URL+"/v1/sos/public/track", strings.Repeat("x", size)); a.Body != want {
				t.Errorf("%d bytes: %s", size, a.Body)
			}
		}
	}
}

func TestAnAnswersHeadersForTheNextHopStayBehind(t *testing.T) {
	t.Parallel()
	sos := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		for _, name := range []string{"Keep-Alive", "Proxy-Authenticate", "Te", "Upgrade", "X-Hop"} {
			h.Set(name, "x")
		}
		h.Set("Connection", "X-Hop")
		h.Set("X-End", "kept")
		h["Vary"] = []string{"Accept-Language"}
	})
	w := start(t, gatewaytest.Options{SOSURLs: []string{sos.URL}, CORSOrigins: "https://app.example.org"})
	a := send(t, http.MethodPost, w.URL+"/v1/sos/public/track", "{}")
	for _, name := range []string{"Keep-Alive", "Proxy-Authenticate", "Te", "Upgrade", "X-Hop"} {
		if got, there := a.Header[name]; there {
			t.Errorf("%s is %q", name, got)
		}
	}
	vary := strings.Join(a.Header["Vary"], ",")
	if a.Header.Get("X-End") != "kept" || !strings.Contains(vary, "Accept-Language") || !strings.Contains(vary, "Origin") {
		t.Errorf("the client was told %v", a.Header)
	}
}

func TestARequestsNominatedHeadersStayBehind(t *testing.T) {
	t.Parallel()
	w := start(t, gatewaytest.Options{})
	a := send(t, http.MethodPost, w.URL+"/v1/sos/public/track", "{}", "Connection", "x-hop, X-Request-Id", "X-Hop", "x", "X-End", "kept")
	got := a.echoed(t).Header
	if got.Get("X-Hop") != "" || got.Get("Connection") != "" || got.Get("X-End") != "kept" || got.Get("X-Request-Id") == "" {
		t.Errorf("the service got %v", got)
	}
}

func TestAnAnswerThatIsCutOffIsNotPassedOffAsWhole(t *testing.T) {
	t.Parallel()
	sos := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100000")
		_, _ = w.Write(make([]byte, 50_000))
		panic(http.ErrAbortHandler)
	})
	w := start(t, gatewaytest.Options{SOSURLs: []string{sos.URL}})
	a, err := try(t.Context(), http.MethodPost, w.URL+"/v1/sos/public/track", "{}")
	if err == nil {
		t.Errorf("%d and %d bytes, without an error", a.Status, len(a.Body))
	}
}
