package contract_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/test/openapi"
	"github.com/loveapp/backend/test/world"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// door is the gateway and an administrator, who gets past every check of roles.
type door struct {
	url    string
	person *world.Person
	all    []openapi.Operation
}

func newDoor(t *testing.T) door {
	t.Helper()
	contract, err := world.Contract()
	if err != nil {
		t.Fatal(err)
	}
	w := world.Fake(t, world.Size{})
	return door{url: w.Gateways()[0], person: world.Administrator(t, w), all: contract.Operations()}
}

// public are the operations that the gateway has routes for.
func (d door) public() []openapi.Operation {
	return slices.DeleteFunc(slices.Clone(d.all), func(o openapi.Operation) bool { return o.Internal })
}

// request is one attempt, byte by byte.
type request struct {
	method, path string
	body         string
	header       map[string]string // "" leaves a default out
}

// answer is what came back, the problem filled where it is one.
type answer struct {
	*http.Response
	body    []byte
	problem openapi.Problem
}

// try sends a request that is signed in and says it is JSON, unless told otherwise.
func (d door) try(t *testing.T, r request) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(world.Mischief(t.Context()), r.method, d.url+r.path, strings.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	if r.body == "" {
		req.Body, req.ContentLength = http.NoBody, 0
	} else {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Authorization", "Bearer "+d.person.Tokens.AccessToken)
	for name, value := range r.header {
		req.Header.Set(name, value)
		if value == "" {
			req.Header.Del(name)
		}
	}
	got, err := world.NewClient(t).Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", r.method, r.path, err)
	}
	defer func() { _ = got.Body.Close() }()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{Response: got, body: body}
	if bytes.HasPrefix(body, []byte("{")) {
		_ = json.Unmarshal(body, &a.problem) // the client has complained where an error is no problem document
	}
	checkAlways(t, a)
	return a
}

// checkAlways holds for any answer to any input.
func checkAlways(t *testing.T, a answer) {
	t.Helper()
	if a.StatusCode >= http.StatusInternalServerError {
		t.Errorf("the answer is %s: bad input is never the server's fault: %s", a.Status, a.body)
	}
	if a.Header.Get("X-Request-Id") == "" {
		t.Error("the answer has no X-Request-Id")
	}
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
	} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for _, name := range []string{"Server", "Via", "X-Powered-By"} {
		if got := a.Header.Get(name); got != "" {
			t.Errorf("%s tells what runs behind the gateway: %s", name, got)
		}
	}
}

func (a answer) want(t *testing.T, status int, code string) {
	t.Helper()
	if a.StatusCode != status || code != "" && a.problem.Code != code {
		t.Errorf("the answer is %d %s, want %d %s: %s", a.StatusCode, a.problem.Code, status, code, a.body)
	}
}

// somebodyElses is the id of nothing that the caller can see.
func somebodyElses() string { return idgen.NewV7() }
