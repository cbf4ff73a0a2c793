package gateway_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/loveapp/backend/gateway/gatewaytest"
	"github.com/loveapp/backend/shared/eventually"
)

const sosDocument = `
openapi: 3.1.0
info: {title: SOS, version: "1"}
security: [{bearer: []}]
tags: [{name: tickets, description: Calls for help.}, {name: internal}]
paths:
  /v1/sos/tickets/{ticketId}:
    get:
      operationId: getHealth
      tags: [tickets]
      responses: {200: {$ref: '#/components/responses/Ticket'}}
  /internal/rooms/authorize:
    post: {tags: [internal], responses: {200: {$ref: '#/components/responses/Hidden'}}}
components:
  securitySchemes: {bearer: {type: http, scheme: bearer}, service: {type: http, scheme: bearer}}
  schemas: {Ticket: {type: object, description: a ticket}}
  responses:
    Ticket: {description: The ticket., content: {application/json: {schema: {$ref: '#/components/schemas/Ticket'}}}}
    Hidden: {description: hidden}
`

type document struct {
	OpenAPI string
	Tags    []struct{ Name string }
	Paths   map[string]map[string]struct {
		OperationID string
		Security    []map[string][]string
		Responses   map[string]map[string]any
	}
	Components map[string]map[string]any
}

func fetchDocument(t *testing.T, url string) (d document) {
	t.Helper()
	a := send(t, http.MethodGet, url+"/openapi.json", "")
	if a.Status != http.StatusOK || a.Header.Get("Content-Type") != "application/json" || a.Header.Get("Cache-Control") != "public, max-age=300" {
		t.Fatalf("%d %v", a.Status, a.Header)
	}
	if err := json.Unmarshal([]byte(a.Body), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTheDocumentHasThePublicPartOfTheServicesDocuments(t *testing.T) {
	t.Parallel()
	sos := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/internal/openapi" {
			_, _ = io.WriteString(w, sosDocument)
		}
	})
	w := start(t, gatewaytest.Options{SOSURLs: []string{sos.URL}})
	d := fetchDocument(t, w.URL)
	get := d.Paths["/v1/sos/tickets/{ticketId}"]["get"]
	if d.OpenAPI != "3.1.0" || d.Paths["/health"] == nil || get.OperationID != "sosGetHealth" || get.Security[0]["bearer"] == nil ||
		get.Responses["200"]["$ref"] != "#/components/responses/sos.Ticket" || d.Components["schemas"]["sos.Ticket"] == nil {
		t.Errorf("%+v", d)
	}
	if d.Paths["/internal/rooms/authorize"] != nil || d.Components["responses"]["sos.Hidden"] != nil || d.Components["securitySchemes"]["service"] != nil {
		t.Errorf("what is for other services only is shown: %+v", d)
	}
	var tags []string
	for _, tag := range d.Tags {
		tags = append(tags, tag.Name)
	}
	if strings.Join(tags, " ") != "operations tickets" {
		t.Errorf("tags %q", tags)
	}
}

func TestTheDocumentIsThereWhateverTheServicesAnswer(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{"nothing": "", "no YAML": "\t{", "no object": "[1]", "text": "hello"} {
		w := start(t, gatewaytest.Options{SOSURLs: []string{serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }).URL}})
		if d := fetchDocument(t, w.URL); d.Paths["/openapi.json"] == nil || d.Paths["/docs"] == nil {
			t.Errorf("%s: %+v", name, d)
		}
	}
}

func TestAServiceThatComesLaterIsInTheDocumentSoon(t *testing.T) {
	t.Parallel()
	var up atomic.Bool
	sos := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if !up.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, sosDocument)
	})
	w := start(t, gatewaytest.Options{SOSURLs: []string{sos.URL}})
	if d := fetchDocument(t, w.URL); d.Paths["/v1/sos/tickets/{ticketId}"] != nil {
		t.Errorf("%+v", d)
	}
	up.Store(true)
	eventually.True(t, "its routes are shown", func() bool { return fetchDocument(t, w.URL).Paths["/v1/sos/tickets/{ticketId}"] != nil })
}

func TestThePageNeedsNothingThatItsPolicyForbids(t *testing.T) {
	t.Parallel()
	hostile := strings.Replace(sosDocument, "Calls for help.", `"<script>alert(1)</script>"`, 1)
	sos := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, hostile) })
	w := start(t, gatewaytest.Options{SOSURLs: []string{sos.URL}})
	a := send(t, http.MethodGet, w.URL+"/docs", "")
	policy := a.Header.Get("Content-Security-Policy")
	if a.Status != http.StatusOK || a.Header.Get("Content-Type") != "text/html; charset=utf-8" ||
		!strings.HasPrefix(policy, "default-src 'none'; style-src 'sha256-") || strings.Contains(policy, "unsafe") {
		t.Errorf("%d %v", a.Status, a.Header)
	}
	for _, forbidden := range []string{"<script", "http://", "https://", " style=", "onclick", "<img", "<link"} {
		if strings.Contains(strings.ReplaceAll(a.Body, "http://localhost:3000", ""), forbidden) {
			t.Errorf("the page has %q", forbidden)
		}
	}
	for _, wanted := range []string{"/v1/sos/tickets/{ticketId}", "&lt;script&gt;", `href="/openapi.json"`, `id="schemas/sos.Ticket"`} {
		if !strings.Contains(a.Body, wanted) {
			t.Errorf("the page lacks %q", wanted)
		}
	}
}

func TestWhoHasTheDocumentAlreadyIsToldSo(t *testing.T) {
	t.Parallel()
	w := start(t, gatewaytest.Options{})
	for _, path := range []string{"/openapi.json", "/docs"} {
		tag := send(t, http.MethodGet, w.URL+path, "").Header.Get("ETag")
		for _, header := range []string{tag, strings.TrimPrefix(tag, "W/"), `"other", ` + tag, "*"} {
			if a := send(t, http.MethodGet, w.URL+path, "", "If-None-Match", header); a.Status != http.StatusNotModified || a.Body != "" || a.Header.Get("ETag") != tag {
				t.Errorf("%s with %s: %d %v", path, header, a.Status, a.Header)
			}
		}
		if a := send(t, http.MethodGet, w.URL+path, "", "If-None-Match", `"other"`); a.Status != http.StatusOK || a.Body == "" {
			t.Errorf("%s with another tag: %d", path, a.Status)
		}
		if a := send(t, http.MethodHead, w.URL+path, ""); a.Status != http.StatusOK || a.Body != "" || a.Header.Get("ETag") != tag {
			t.Errorf("HEAD %s: %d %v", path, a.Status, a.Header)
		}
		if a := send(t, http.MethodPost, w.URL+path, ""); a.Status != http.StatusMethodNotAllowed || a.Header.Get("Allow") != "GET, HEAD, OPTIONS" {
			t.Errorf("POST %s: %d %v", path, a.Status, a.Header)
		}
	}
}

func TestTheDocumentIsLimitedAsAnyOtherRoute(t *testing.T) {
	t.Parallel()
	w := start(t, gatewaytest.Options{Short: "2/1m"})
	for i, want := range []int{200, 200, 429} {
		if a := send(t, http.MethodGet, w.URL+"/docs", ""); a.Status != want || a.Header.Get("RateLimit-Policy") != `"short";q=2;w=60` {
			t.Errorf("request %d: %d %v", i, a.Status, a.Header)
		}
	}
}

func TestJSONOfAKibibyteIsCompressedForWhoeverTakesThat(t *testing.T) {
	t.Parallel()
	large := `{"a":"` + strings.Repeat("love ", 300) + `"}`
	sos := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/v1/sos/tickets":
			_, _ = io.WriteString(w, `{"a":1}`)
		case "/v1/sos/contacts":
			w.Header().Set("Content-Type", "image/png")
			_, _ = io.WriteString(w, large)
		default:
			w.Header().Set("ETag", `"strong"`)
			_, _ = io.WriteString(w, large)
		}
	})
	w := start(t, gatewaytest.Options{SOSURLs: []string{sos.URL}})
	alice := w.people.bearer(t, "alice")
	for name, c := range map[string]struct {
		path, accept string
		compressed   bool
	}{
		"gzip":                {"/v1/sos/tickets/1", "gzip", true},
		"gzip among others":   {"/v1/sos/tickets/1", "br, gzip;q=0.8", true},
		"gzip refused":        {"/v1/sos/tickets/1", "gzip;q=0, identity", false},
		"nothing said":        {"/v1/sos/tickets/1", "identity", false},
		"a short answer":      {"/v1/sos/tickets", "gzip", false},
		"not JSON":            {"/v1/sos/contacts", "gzip", false},
		"the document itself": {"/openapi.json", "gzip", true},
	} {
		a := send(t, http.MethodGet, w.URL+c.path, "", "Accept-Encoding", c.accept, "Authorization", alice)
		if got := a.Header.Get("Content-Encoding") == "gzip"; got != c.compressed || a.Status != http.StatusOK {
			t.Errorf("%s: %d %v", name, a.Status, a.Header)
		}
		if !strings.Contains(strings.Join(a.Header.Values("Vary"), ","), "Accept-Encoding") {
			t.Errorf("%s: Vary %q", name, a.Header.Values("Vary"))
		}
		if tag := a.Header.Get("ETag"); tag != "" && !strings.HasPrefix(tag, `W/"`) {
			t.Errorf("%s: the tag %s says that the bytes are the same", name, tag)
		}
		if c.compressed && c.path == "/v1/sos/tickets/1" && inflated(t, a.Body) != large {
			t.Errorf("%s: %q", name, a.Body)
		}
	}
}

func TestAnswersWithSecretsAreNotCompressed(t *testing.T) {
	t.Parallel()
	auth := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"a":"`+strings.Repeat("love ", 300)+`"}`)
	})
	g := gatewaytest.Start(t, gatewaytest.Options{AuthURLs: []string{auth.URL}})
	if a := send(t, http.MethodPost, g.URL+"/v1/auth/login", "{}", "Accept-Encoding", "gzip"); a.Header.Get("Content-Encoding") != "" || a.Status != http.StatusOK {
		t.Errorf("%d %v", a.Status, a.Header)
	}
}

func inflated(t *testing.T, body string) string {
	t.Helper()
	reader, err := gzip.NewReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
