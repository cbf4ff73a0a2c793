package openapi_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/loveapp/backend/test/openapi"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const notes = `openapi: 3.1.0
info: {title: Notes, version: "1"}
security: [{bearer: []}]
paths:
  /v1/notes:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: '#/components/schemas/NewNote'}
      responses:
        '201':
          description: kept
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Note'}
        default: {$ref: '#/components/responses/Problem'}
  /internal/notes:
    get:
      x-internal: true
      responses:
        '200': {description: all of them}
  /v1/notes/{id}:
    get:
      security: []
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        '200':
          description: the note
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Note'}
        '404': {$ref: '#/components/responses/Problem'}
components:
  securitySchemes:
    bearer: {type: http, scheme: bearer}
  schemas:
    NewNote:
      type: object
      required: [text]
      properties: {text: {type: string}, color: {type: string}}
    Note:
      type: object
      required: [id, text, readAt]
      properties:
        id: {type: string}
        text: {type: string}
        readAt: {type: [string, 'null'], format: date-time}
        data: {type: object, required: [kind], properties: {kind: {type: string}}, additionalProperties: true}
  responses:
    Problem:
      description: an error
      content:
        application/problem+json:
          schema:
            type: object
            required: [status, code]
`

func contract(t *testing.T) *openapi.Contract {
	t.Helper()
	c, err := openapi.Load(map[string][]byte{"notes": []byte(notes)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAFileThatIsNoOpenAPIIsRefused(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"an older version":         strings.Replace(notes, "3.1.0", "3.0.3", 1),
		"a reference into nothing": strings.Replace(notes, "schemas/NewNote'", "schemas/Nowhere'", 1),
		"a response without words": strings.Replace(notes, "description: kept", "summary: kept", 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := openapi.Load(map[string][]byte{"notes": []byte(text)}); err == nil || !strings.Contains(err.Error(), "notes") {
				t.Errorf("loading gives %v, want an error that names the service", err)
			}
		})
	}
}

func TestOperationsAreReadWithWhatTheyTake(t *testing.T) {
	t.Parallel()
	all := contract(t).Operations()
	if len(all) != 3 || !all[0].Internal || all[1].Name() != "POST /v1/notes" || all[2].Name() != "GET /v1/notes/{id}" {
		t.Fatalf("operations are %+v", all)
	}
	post, get := all[1], all[2]
	if !post.Secured || get.Secured {
		t.Errorf("secured: post %v, get %v; want the document's for post and none for get", post.Secured, get.Secured)
	}
	if post.Body == nil || !post.Body.Required || !slices.Equal(post.Body.Fields, []string{"color", "text"}) || get.Body != nil {
		t.Errorf("bodies are %+v and %+v", post.Body, get.Body)
	}
	if get.At("7") != "/v1/notes/7" || !slices.Equal(get.Parameters(), []string{"id"}) {
		t.Errorf("the path is %s, its parameters %v", get.At("7"), get.Parameters())
	}
}

func TestRequestsAreHeldAgainstTheFile(t *testing.T) {
	t.Parallel()
	c := contract(t)
	for name, tt := range map[string]struct {
		method, path, body string
		complaint          string // "" for none
	}{
		"as described":              {"POST", "/v1/notes", `{"text":"milk"}`, ""},
		"without its field":         {"POST", "/v1/notes", `{"color":"red"}`, "text"},
		"with a field of its own":   {"POST", "/v1/notes", `{"text":"milk","font":"x"}`, "font"},
		"of a path nobody knows":    {"GET", "/v1/letters", "", "in no OpenAPI file"},
		"of a method nobody offers": {"PUT", "/v1/notes", "{}", "in no OpenAPI file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequestWithContext(t.Context(), tt.method, "http://gateway"+tt.path, nil)
			r.Header.Set("Content-Type", "application/json")
			expect(t, c.CheckRequest(r, []byte(tt.body)), tt.complaint)
		})
	}
}

func TestAnswersAreHeldAgainstTheFile(t *testing.T) {
	t.Parallel()
	c := contract(t)
	const gone = `{"type":"about:blank","title":"Not Found","status":404,"detail":"No such note.","code":"not_found","requestId":"r1"}`
	for name, tt := range map[string]struct {
		method, path, contentType string
		status                    int
		body, complaint           string
	}{
		"as described":               {"GET", "/v1/notes/7", "application/json", 200, `{"id":"7","text":"milk","readAt":null}`, ""},
		"without a field":            {"GET", "/v1/notes/7", "application/json", 200, `{"id":"7","text":"milk"}`, "readAt"},
		"with a time that is none":   {"GET", "/v1/notes/7", "application/json", 200, `{"id":"7","text":"milk","readAt":"today"}`, "date-time"},
		"with a field that leaks":    {"GET", "/v1/notes/7", "application/json", 200, `{"id":"7","text":"milk","readAt":null,"owner":"x"}`, "owner"},
		"with data of any kind":      {"GET", "/v1/notes/7", "application/json", 200, `{"id":"7","text":"milk","readAt":null,"data":{"kind":"x","more":[{"deep":{"er":1}}],"some":{"thing":1}}}`, ""},
		"with an unknown status":     {"GET", "/v1/notes/7", "application/json", 202, `{}`, "202"},
		"of another type":            {"GET", "/v1/notes/7", "text/html", 200, `<p>`, "text/html"},
		"an error as described":      {"GET", "/v1/notes/7", "application/problem+json", 404, gone, ""},
		"an error of another status": {"GET", "/v1/notes/7", "application/problem+json", 404, strings.Replace(gone, ":404", ":400", 1), "its status is 400"},
		"an error without its id":    {"GET", "/v1/notes/7", "application/problem+json", 404, strings.Replace(gone, "r1", "r2", 1), "requestId"},
		"an error to nowhere":        {"GET", "/v1/letters", "application/problem+json", 404, gone, ""},
		"an error in HTML":           {"GET", "/v1/letters", "text/html", 404, `<p>`, "no problem document"},
		"a success out of nowhere":   {"GET", "/v1/letters", "application/json", 200, `{}`, "in no OpenAPI file"},
		"an internal success":        {"GET", "/internal/notes", "application/json", 200, `{}`, "in no OpenAPI file"},
		"a head":                     {"HEAD", "/v1/notes/7", "application/json", 200, ``, ""},
		"options":                    {"OPTIONS", "/v1/notes", "", 204, ``, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequestWithContext(t.Context(), tt.method, "http://gateway"+tt.path, nil)
			answer := &http.Response{StatusCode: tt.status, Request: r, Body: io.NopCloser(strings.NewReader("")), Header: http.Header{
				"Content-Type": {tt.contentType}, "X-Request-Id": {"r1"}, "X-Content-Type-Options": {"nosniff"},
			}}
			expect(t, c.CheckAnswer(r, answer, []byte(tt.body)), tt.complaint)
		})
	}
}

func expect(t *testing.T, complaint, want string) {
	t.Helper()
	if (complaint == "") != (want == "") || !strings.Contains(complaint, want) {
		t.Errorf("complaint is %q, want %q in it", complaint, want)
	}
}
