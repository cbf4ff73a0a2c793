package contract_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/loveapp/backend/test/openapi"
)

// forgiving are the routes whose body is never a reason to refuse: an alarm
// counts whatever comes with it. They have a test of their own.
func forgiving(o openapi.Operation) bool {
	return o.Name() == "POST /v1/sos/tickets" || o.Name() == "POST /v1/sos/guest/tickets"
}

func takesBody(o openapi.Operation) bool {
	return o.Body != nil && len(o.Body.Fields) > 0 && !forgiving(o)
}

// badBody is one way to get a body wrong.
type badBody struct {
	body        func(field string) string
	contentType string // "" means application/json
	status      int
	code        string
}

func badBodies() map[string]badBody {
	const malformed, status = "malformed_json", http.StatusBadRequest
	quoted := func(value string) func(string) string {
		return func(field string) string { return `{` + strconv.Quote(field) + `:` + value + `}` }
	}
	return map[string]badBody{
		"of another type":          {quoted(`"x"`), "text/plain", http.StatusUnsupportedMediaType, "unsupported_media_type"},
		"of a form":                {quoted(`"x"`), "application/x-www-form-urlencoded", http.StatusUnsupportedMediaType, "unsupported_media_type"},
		"cut short":                {func(f string) string { return `{"` + f + `":` }, "", status, malformed},
		"no JSON":                  {func(string) string { return `hello` }, "", status, malformed},
		"with a key given twice":   {func(f string) string { return `{"` + f + `":"a","` + f + `":"b"}` }, "", status, malformed},
		"with a key in wrong case": {func(f string) string { return `{"` + strings.ToUpper(f) + `":"x"}` }, "", status, malformed},
		"with something behind it": {func(f string) string { return `{"` + f + `":"x"} {}` }, "", status, malformed},
		"with a NUL":               {quoted(`"a\u0000b"`), "", status, malformed},
		"not in UTF-8":             {quoted("\"\xff\""), "", status, malformed},
		"33 levels deep":           {quoted(strings.Repeat("[", 32) + strings.Repeat("]", 32)), "", status, malformed},
		"with a number beyond all": {quoted(`1e400`), "", status, malformed},
		"over 64 KiB":              {quoted(`"` + strings.Repeat("x", 64<<10) + `"`), "", http.StatusRequestEntityTooLarge, "payload_too_large"},
	}
}

func TestABadBodyIsRefusedByEveryRouteThatTakesOne(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	tried := 0
	for _, o := range d.public() {
		if !takesBody(o) {
			continue
		}
		tried++
		t.Run(o.Name(), func(t *testing.T) {
			t.Parallel()
			for name, bad := range badBodies() {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					r := request{method: o.Method, path: o.At(somebodyElses()), body: bad.body(o.Body.Fields[0])}
					if bad.contentType != "" {
						r.header = map[string]string{"Content-Type": bad.contentType}
					}
					d.try(t, r).want(t, bad.status, bad.code)
				})
			}
		})
	}
	if tried < 8 {
		t.Errorf("only %d routes take a body: the files or the reading of them have holes", tried)
	}
}

// TestEveryFieldOfAuthIsNamedWhereItIsWrong: all of them are text or a yes or no, whatever is added.
func TestEveryFieldOfAuthIsNamedWhereItIsWrong(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	tried := 0
	for _, o := range d.public() {
		if !takesBody(o) || !strings.HasPrefix(o.Path, "/v1/auth/") && !strings.HasPrefix(o.Path, "/v1/admin/users/") {
			continue
		}
		tried += len(o.Body.Fields)
		t.Run(o.Name(), func(t *testing.T) {
			t.Parallel()
			for _, field := range o.Body.Fields {
				for _, value := range []string{`17`, `[]`, `{"$ne":null}`} {
					a := d.try(t, request{method: o.Method, path: o.At(somebodyElses()), body: `{"` + field + `":` + value + `}`})
					a.want(t, http.StatusUnprocessableEntity, "validation_failed")
					if !slices.ContainsFunc(a.problem.Errors, func(e openapi.Field) bool { return e.Field == field }) {
						t.Errorf("%s = %s is not named: %s", field, value, a.body)
					}
				}
			}
		})
	}
	if tried < 40 {
		t.Errorf("only %d fields: the files or the reading of them have holes", tried)
	}
}

func TestABodyOf32LevelsIsJSONStill(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	body := `{"anything":` + strings.Repeat("[", 31) + strings.Repeat("]", 31) + `}`
	d.try(t, request{method: http.MethodPost, path: "/v1/auth/login", body: body}).want(t, http.StatusUnprocessableEntity, "unknown_field")
}

func TestAMissingBodyIsRefusedWhereOneIsRequired(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	for _, o := range d.public() {
		if !takesBody(o) || !o.Body.Required {
			continue
		}
		t.Run(o.Name(), func(t *testing.T) {
			t.Parallel()
			a := d.try(t, request{method: o.Method, path: o.At(somebodyElses())})
			if !slices.Contains([]int{http.StatusBadRequest, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity}, a.StatusCode) {
				t.Errorf("without a body the answer is %d: %s", a.StatusCode, a.body)
			}
		})
	}
}

func TestUnknownFieldsAreRefusedUnderAuthAndIgnoredElsewhere(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	for _, o := range d.public() {
		if !takesBody(o) {
			continue
		}
		t.Run(o.Name(), func(t *testing.T) {
			t.Parallel()
			a := d.try(t, request{method: o.Method, path: o.At(somebodyElses()), body: `{"fieldOfTomorrow":1}`})
			strict := strings.HasPrefix(o.Path, "/v1/auth/") || strings.HasPrefix(o.Path, "/v1/admin/")
			if refused := a.problem.Code == "unknown_field"; refused != strict {
				t.Errorf("the answer is %d %s; refused as unknown: %v, want %v", a.StatusCode, a.problem.Code, refused, strict)
			}
		})
	}
}
