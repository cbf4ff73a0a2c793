package gateway_test

import (
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/loveapp/backend/gateway/gatewaytest"
	"github.com/loveapp/backend/shared/eventually"
)

// numbered answers each request with its number, and the given headers.
func numbered(t *testing.T, headers ...string) *service {
	t.Helper()
	var n atomic.Int64
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Add(headers[i], headers[i+1])
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"answer":`+string(rune('0'+n.Add(1)))+`,"host":"`+r.Header.Get("X-Forwarded-Host")+r.Header.Get("Authorization")+`"}`)
	})
}

const numbersPath = "/v1/sos/emergency-numbers"

func TestWhatIsTheSameForEverybodyIsAskedForOnce(t *testing.T) {
	t.Parallel()
	sos := numbered(t, "Cache-Control", "public, max-age=86400", "ETag", `"numbers-1"`, "X-Device-Token", "of the first")
	w := start(t, gatewaytest.Options{SOSURLs: []string{sos.URL}})
	first := send(t, http.MethodGet, w.URL+numbersPath, "", "If-None-Match", `"old"`)
	if first.Status != http.StatusOK || first.Header.Get("ETag") != `W/"numbers-1"` || first.Header.Get("Age") != "" {
		t.Errorf("%d %v", first.Status, first.Header)
	}
	for range 3 {
		a := send(t, http.MethodGet, w.URL+numbersPath, "", "Authorization", "Bearer x", "Cache-Control", "no-cache")
		if a.Body != first.Body || a.Header.Get("Age") == "" || a.Header.Get("Cache-Control") != "public, max-age=86400" || a.Header.Get("X-Device-Token") != "" ||
			a.Header.Get("X-Request-Id") == first.Header.Get("X-Request-Id") || a.Header.Get("Cache-Status") != "gateway; hit" {
			t.Errorf("%q %v", a.Body, a.Header)
		}
	}
	if a := send(t, http.MethodGet, w.URL+numbersPath, "", "If-None-Match", `"numbers-1"`); a.Status != http.StatusNotModified || a.Body != "" {
		t.Errorf("%d %q", a.Status, a.Body)
	}
	if a := send(t, http.MethodHead, w.URL+numbersPath, ""); a.Status != http.StatusOK || a.Body != "" || a.Header.Get("Age") == "" {
		t.Errorf("HEAD: %d %v", a.Status, a.Header)
	}
	if n := sos.Hits.Load(); n != 1 {
		t.Errorf("the service was asked %d times", n)
	}
	if a := send(t, http.MethodGet, w.URL+numbersPath+"?country=FR", ""); a.Body == first.Body {
		t.Errorf("another question has the same answer: %s", a.Body)
	}
	eventually.True(t, "the hits are counted", func() bool { return w.metric(t, "gateway_cache_answers_total") == 7 })
}

func TestNothingIsKeptThatMayBeOneClientsOwn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		headers []string
		path    string
		request []string
	}{
		"no word about keeping":   {nil, numbersPath, nil},
		"no-store":                {[]string{"Cache-Control", "public, max-age=60, no-store"}, numbersPath, nil},
		"private":                 {[]string{"Cache-Control", "private, max-age=60"}, numbersPath, nil},
		"a cookie":                {[]string{"Cache-Control", "public, max-age=60", "Set-Cookie", "a=b"}, numbersPath, nil},
		"another language":        {[]string{"Cache-Control", "public, max-age=60", "Vary", "Accept-Language"}, numbersPath, nil},
		"anything":                {[]string{"Cache-Control", "public, max-age=60", "Vary", "*"}, numbersPath, nil},
		"a place":                 {[]string{"Cache-Control", "public, max-age=60"}, numbersPath + "?latitude=1&longitude=2", nil},
		"a made-up parameter":     {[]string{"Cache-Control", "public, max-age=60"}, numbersPath + "?country=FR&x=1", nil},
		"with a token, no public": {[]string{"Cache-Control", "max-age=60"}, numbersPath, []string{"Authorization", "Bearer x"}},
		"a page in disguise":      {[]string{"Cache-Control", "public, max-age=60"}, "/v1/sos/tickets/numbers.css", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sos := numbered(t, c.headers...)
			w := start(t, gatewaytest.Options{SOSURLs: []string{sos.URL}})
			one := send(t, http.MethodGet, w.URL+c.path, "", c.request...)
			two := send(t, http.MethodGet, w.URL+c.path, "", c.request...)
			if one.Status != http.StatusOK || one.Body == two.Body || two.Header.Get("Age") != "" || sos.Hits.Load() != 2 {
				t.Errorf("%d %q, then %q, asked %d times", one.Status, one.Body, two.Body, sos.Hits.Load())
			}
		})
	}
}

func TestWhatOneClientSaysOfItselfIsInNobodysAnswer(t *testing.T) {
	t.Parallel()
	sos := numbered(t, "Cache-Control", "public, max-age=60")
	w := start(t, gatewaytest.Options{SOSURLs: []string{sos.URL}})
	raw(t, w.URL, "GET "+numbersPath+" HTTP/1.1\r\nHost: evil.example\r\nAuthorization: Bearer mallory\r\nConnection: close\r\n\r\n")
	if a := send(t, http.MethodGet, w.URL+numbersPath, ""); a.Body != `{"answer":1,"host":""}` {
		t.Errorf("%s", a.Body)
	}
}

func TestAFailureIsNotKept(t *testing.T) {
	t.Parallel()
	var healthy atomic.Bool
	sos := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=60")
		if !healthy.Load() {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	w := start(t, gatewaytest.Options{SOSURLs: []string{sos.URL}})
	if a := send(t, http.MethodGet, w.URL+numbersPath, ""); a.Status != http.StatusInternalServerError {
		t.Errorf("%d", a.Status)
	}
	healthy.Store(true)
	if a := send(t, http.MethodGet, w.URL+numbersPath, ""); a.Status != http.StatusOK {
		t.Errorf("%d", a.Status)
	}
	sos.Kill()
	if a := send(t, http.MethodGet, w.URL+numbersPath, ""); a.Status != http.StatusOK {
		t.Errorf("what is kept outlives the service: %d", a.Status)
	}
}

func TestThoseWhoAskAtTheSameTimeAskTheServiceOnce(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	sos := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		<-release
		w.Header().Set("Cache-Control", "public, max-age=60")
		_, _ = io.WriteString(w, "{}")
	})
	w := start(t, gatewaytest.Options{SOSURLs: []string{sos.URL}})
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if a, err := try(t.Context(), http.MethodGet, w.URL+numbersPath, ""); err != nil || a.Status != http.StatusOK || a.Body != "{}" {
				t.Errorf("%v %d %q", err, a.Status, a.Body)
			}
		})
	}
	eventually.True(t, "all are there", func() bool { return w.metric(t, "gateway_slots_taken") == 20 })
	asked := sos.Hits.Load() // a busy machine may let somebody's patience end first
	close(release)
	group.Wait()
	if asked > 20 || sos.Hits.Load() > 20 {
		t.Errorf("asked %d times", sos.Hits.Load())
	}
}

func TestKeysAreAskedForOnceInTenMinutesAndHaveATag(t *testing.T) {
	t.Parallel()
	auth := numbered(t, "Cache-Control", "public, max-age=600")
	g := gatewaytest.Start(t, gatewaytest.Options{AuthURLs: []string{auth.URL}})
	first := send(t, http.MethodGet, g.URL+"/.well-known/jwks.json", "")
	if tag := first.Header.Get("ETag"); tag == "" ||
		send(t, http.MethodGet, g.URL+"/.well-known/jwks.json", "", "If-None-Match", tag).Status != http.StatusNotModified {
		t.Errorf("%v", first.Header)
	}
}
