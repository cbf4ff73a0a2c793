package httpapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/loveapp/backend/auth/authtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// phone is an app that talks to the service.
type phone struct {
	t      *testing.T
	url    string
	client *http.Client
	token  string // access token; "" sends none
	device string // device token; "" sends none
}

func newPhone(t *testing.T, a *authtest.Auth) phone {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	return phone{t: t, url: a.URL, client: &http.Client{Transport: transport}}
}

func (p phone) as(accessToken string) phone { p.token = accessToken; return p }
func (p phone) on(deviceToken string) phone { p.device = deviceToken; return p }
func (p phone) get(path string) answer      { return p.send(http.MethodGet, path, nil, "") }
func (p phone) delete(path string) answer   { return p.send(http.MethodDelete, path, nil, "") }
func (p phone) post(path, body string) answer {
	return p.send(http.MethodPost, path, strings.NewReader(body), "application/json")
}

func (p phone) edit(body string) answer {
	return p.send(http.MethodPatch, profile, strings.NewReader(body), "application/json")
}

func (p phone) send(method, path string, body io.Reader, contentType string) answer {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, body)
	if err != nil {
		p.t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if p.token != "" {
		req.Header.Set("Authorization", "Bearer "+p.token)
	}
	if p.device != "" {
		req.Header.Set("X-Device-Token", p.device)
	}
	req.Header.Set("User-Agent", "LoveApp/1.0")
	res, err := p.client.Do(req)
	if err != nil {
		p.t.Errorf("%s %s: %v", method, path, err)
		return answer{t: p.t}
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Errorf("%s %s: %v", method, path, err)
	}
	return answer{p.t, fmt.Sprintf("%s %s", method, path), res.StatusCode, res.Header, raw}
}

type answer struct {
	t      *testing.T
	what   string
	status int
	header http.Header
	raw    []byte
}

// is fails the test unless the status, and for errors the code, are these.
func (a answer) is(status int, code string) answer {
	a.t.Helper()
	if a.status != status || code != "" && a.code() != code {
		a.t.Errorf("%s: got %d %s, want %d %s", a.what, a.status, a.raw, status, code)
	}
	return a
}

func (a answer) body() map[string]any {
	var body map[string]any
	if len(a.raw) > 0 {
		if err := json.Unmarshal(a.raw, &body); err != nil {
			a.t.Errorf("%s: %v in %s", a.what, err, a.raw)
		}
	}
	return body
}

func (a answer) text(key string) string {
	text, _ := a.body()[key].(string)
	return text
}

func (a answer) code() string { return a.text("code") }

// fields gives field:code of each wrong field.
func (a answer) fields() map[string]string {
	var body struct {
		Errors []struct{ Field, Code, Message string }
	}
	if err := json.Unmarshal(a.raw, &body); err != nil {
		a.t.Errorf("%s: %v in %s", a.what, err, a.raw)
	}
	fields := map[string]string{}
	for _, e := range body.Errors {
		fields[e.Field] = e.Code
		if e.Message == "" {
			a.t.Errorf("%s: no message for %s", a.what, e.Field)
		}
	}
	return fields
}

// problem is the body without what differs each time.
func (a answer) problem() map[string]any {
	body := maps.Clone(a.body())
	delete(body, "requestId")
	return body
}

// asJSON is the body of a request.
func asJSON(t *testing.T, v any) string {
	t.Helper()
	var buffer bytes.Buffer
	if err := json.NewEncoder(&buffer).Encode(v); err != nil {
		t.Fatal(err)
	}
	return buffer.String()
}

func credentials(t *testing.T, email, password string) string {
	t.Helper()
	return asJSON(t, map[string]string{"email": email, "password": password})
}

func refreshing(t *testing.T, token string) string {
	t.Helper()
	return asJSON(t, map[string]string{"refreshToken": token})
}

// oneOf sends the same n times at once: one is answered with the status, the others as refused says.
func oneOf(t *testing.T, n int, send func() answer, status int, refused func(answer)) {
	t.Helper()
	var taken atomic.Int32
	var racing sync.WaitGroup
	for range n {
		racing.Go(func() {
			if got := send(); got.status == status {
				taken.Add(1)
			} else {
				refused(got)
			}
		})
	}
	racing.Wait()
	if taken.Load() != 1 {
		t.Errorf("%d succeeded", taken.Load())
	}
}
