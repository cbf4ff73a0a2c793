package world

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"

	"github.com/loveapp/backend/test/openapi"
)

// Call is one request in a client's words. Body is encoded as JSON, nil sends none.
type Call struct {
	Method, Path string
	Body         any
	Header       map[string]string
}

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte

	call Call
	t    T
}

// Do sends the call to the gateway with the person's access token, if there is
// one, and gives whatever comes back.
func (p *Person) Do(call Call) Answer {
	p.t.Helper()
	if p.Tokens.AccessToken == "" {
		return p.send(call, "")
	}
	return p.send(call, "Bearer "+p.Tokens.AccessToken)
}

func (p *Person) send(call Call, authorization string) Answer {
	p.t.Helper()
	var body io.Reader
	if call.Body != nil {
		text, err := json.Marshal(call.Body)
		if err != nil {
			p.t.Fatalf("encode the body of %s %s: %v", call.Method, call.Path, err)
		}
		body = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(p.t.Context(), call.Method, p.gateway+call.Path, body)
	if err != nil {
		p.t.Fatalf("%s %s: %v", call.Method, call.Path, err)
	}
	if call.Body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	for name, value := range call.Header {
		r.Header.Set(name, value)
	}
	answer, err := p.http.Do(r)
	if err != nil {
		p.t.Fatalf("%s %s: %v", call.Method, call.Path, err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		p.t.Fatalf("read the answer to %s %s: %v", call.Method, call.Path, err)
	}
	return Answer{Status: answer.StatusCode, Header: answer.Header, Body: text, call: call, t: p.t}
}

// Want fails the test unless the answer has the status.
func (a Answer) Want(status int) Answer {
	a.t.Helper()
	if a.Status != status {
		a.t.Fatalf("%s %s answers %d, want %d: %s", a.call.Method, a.call.Path, a.Status, status, a.Body)
	}
	return a
}

// Into decodes the body.
func (a Answer) Into(dst any) {
	a.t.Helper()
	if err := json.Unmarshal(a.Body, dst); err != nil {
		a.t.Fatalf("the answer to %s %s is no JSON of its kind: %v: %s", a.call.Method, a.call.Path, err, a.Body)
	}
}

// Refused fails the test unless the answer is an error of that status and code.
func (a Answer) Refused(status int, code string) openapi.Problem {
	a.t.Helper()
	a.Want(status)
	var p openapi.Problem
	a.Into(&p)
	if p.Code != code {
		a.t.Fatalf("%s %s is refused with %s, want %s: %s", a.call.Method, a.call.Path, p.Code, code, a.Body)
	}
	return p
}
