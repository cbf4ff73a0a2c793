package sos_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/sos/sostest"
)

// observe sees every exchange of the tests; nil sees none.
var observe func(tb testing.TB, req *http.Request, sent string, res *http.Response, answered []byte)

// person is somebody with an account and an app.
type person struct {
	tb    testing.TB
	url   string
	id    string
	proof string // what the Authorization header says
	// patient people send the same key again when they are told to dial, as the app does.
	patient bool
}

// answer is what an app gets back.
type answer struct {
	tb     testing.TB
	status int
	header http.Header
	text   string
	body   map[string]any
}

func newPerson(tb testing.TB, s *sostest.SOS, name string) person {
	tb.Helper()
	id := idgen.NewV7()
	if name != "" {
		s.SetName(id, name)
	}
	return person{tb: tb, url: s.URL, id: id, proof: "Bearer " + s.Token(id)}
}

func newStaff(tb testing.TB, s *sostest.SOS) person {
	tb.Helper()
	id := idgen.NewV7()
	return person{tb: tb, url: s.URL, id: id, proof: "Bearer " + s.TokenWith(id, sostest.TokenOptions{Role: "ADMIN"})}
}

func (p person) with(proof string) person {
	p.proof = proof
	return p
}

// do sends a request; headers are "Name: value".
func (p person) do(method, path, body string, headers ...string) answer {
	p.tb.Helper()
	req, err := http.NewRequestWithContext(p.tb.Context(), method, p.url+path, strings.NewReader(body))
	if err != nil {
		p.tb.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if p.proof != "" {
		req.Header.Set("Authorization", p.proof)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Content-Type" {
			req.Header.Del(name)
		}
		req.Header.Add(name, value)
	}
	res, err := send(req, body)
	if err != nil {
		p.tb.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		p.tb.Fatalf("%s %s: %v", method, path, err)
	}
	if observe != nil {
		observe(p.tb, req, body, res, text)
	}
	a := answer{tb: p.tb, status: res.StatusCode, header: res.Header, text: string(text)}
	_ = json.Unmarshal(text, &a.body)
	return a
}

// send asks again where a body was too long to be read: the connection is closed
// then, and whether the answer or the end of writing is seen first is chance.
func send(req *http.Request, body string) (*http.Response, error) {
	const readWhole, tries = 16 << 10, 50
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for try := 1; ; try++ {
		req.Body = io.NopCloser(strings.NewReader(body))
		res, err := client.Do(req)
		if err == nil || len(body) <= readWhole || try == tries {
			return res, err
		}
	}
}

func (p person) get(path string) answer {
	p.tb.Helper()
	return p.do(http.MethodGet, path, "")
}

func (p person) post(path, body string, headers ...string) answer {
	p.tb.Helper()
	return p.do(http.MethodPost, path, body, headers...)
}

// trigger presses the button.
func (p person) trigger(key, body string) answer {
	p.tb.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		a := p.post("/v1/sos/tickets", body, "Idempotency-Key: "+key)
		if a.status != http.StatusServiceUnavailable || !p.patient || time.Now().After(deadline) {
			return a
		}
	}
}

// opened is a new ticket of p.
func (p person) opened(body string) string {
	p.tb.Helper()
	return p.trigger(idgen.NewV7(), body).is(http.StatusCreated).str("ticket", "id")
}

// command gives a command without a body.
func (p person) command(ticket, command string) answer {
	p.tb.Helper()
	return p.post("/v1/sos/tickets/"+ticket+"/"+command, "")
}

// trusts makes q a contact of p who has agreed.
func (p person) trusts(q person, as string) string {
	p.tb.Helper()
	made := p.post("/v1/sos/contacts", `{"name":"`+as+`"}`).is(http.StatusCreated)
	q.post("/v1/sos/contact-invitations/accept", `{"token":"`+made.str("inviteToken")+`"}`).is(http.StatusOK)
	return made.str("id")
}

func (a answer) is(status int) answer {
	a.tb.Helper()
	if a.status != status {
		a.tb.Fatalf("status %d, want %d: %s", a.status, status, a.text)
	}
	return a
}

// refused is a problem document with the code.
func (a answer) refused(status int, code string) answer {
	a.tb.Helper()
	a.is(status)
	if a.str("code") != code || a.header.Get("Content-Type") != "application/problem+json" || a.str("requestId") == "" {
		a.tb.Fatalf("answered %s with %s, want a problem %q", a.header.Get("Content-Type"), a.text, code)
	}
	return a
}

// at follows names into objects; a missing one gives nil.
func (a answer) at(path ...string) any {
	var v any = a.body
	for _, name := range path {
		object, _ := v.(map[string]any)
		v = object[name]
	}
	return v
}

func (a answer) str(path ...string) string {
	text, _ := a.at(path...).(string)
	return text
}

func (a answer) num(path ...string) float64 {
	n, _ := a.at(path...).(float64)
	return n
}

func (a answer) items(path ...string) []map[string]any {
	list, _ := a.at(path...).([]any)
	var items []map[string]any
	for _, v := range list {
		item, _ := v.(map[string]any)
		items = append(items, item)
	}
	return items
}

// warned tells whether there is a warning of the code about the field.
func (a answer) warned(field, code string) bool {
	for _, w := range a.items("warnings") {
		if w["field"] == field && w["code"] == code {
			return true
		}
	}
	return false
}

// names are the fields of a 422.
func (a answer) wrongFields() string {
	var fields []string
	for _, e := range a.items("errors") {
		name, _ := e["field"].(string)
		fields = append(fields, name)
	}
	return strings.Join(fields, " ")
}
