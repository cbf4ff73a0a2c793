package httpapi_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/loveapp/backend/shared/idgen"
)

const templatesPath = "/v1/admin/notification-templates"

const welcome = `{"name":"welcome","variables":["name"],"texts":{"en":{"title":"Welcome, {{.name}}","body":"Hello."},"fr":{"title":"Bienvenue, {{.name}}","body":"Bonjour."}}}`

func TestTemplatesAreWrittenReadReplacedAndDeleted(t *testing.T) {
	t.Parallel()
	s := start(t)
	admin := s.admin()
	made := s.do(http.MethodPost, templatesPath, admin, welcome)
	if made.status != http.StatusCreated || made.header.Get("Location") != templatesPath+"/welcome" || made.field("builtIn") != "false" || made.field("optionalVariables") != "[]" {
		t.Fatalf("%d %s", made.status, made.body)
	}
	if again := s.do(http.MethodPost, templatesPath, admin, welcome); again.status != http.StatusCreated || again.body != made.body {
		t.Errorf("the repeat: %d %s", again.status, again.body)
	}
	if other := s.do(http.MethodPost, templatesPath, admin, strings.Replace(welcome, "Hello", "Hi", 1)); other.status != http.StatusConflict || other.field("code") != `"template_exists"` {
		t.Errorf("other words under the same name: %d %s", other.status, other.body)
	}
	if got := s.do(http.MethodGet, templatesPath+"/welcome", admin, ""); got.status != http.StatusOK || got.body != made.body {
		t.Errorf("read: %d %s", got.status, got.body)
	}
	put := s.do(http.MethodPut, templatesPath+"/welcome", admin, `{"texts":{"en":{"title":"Hi","body":"Hello."}}}`)
	if put.status != http.StatusOK || put.field("variables") != "[]" || put.field("texts") != `{"en":{"title":"Hi","body":"Hello."}}` {
		t.Errorf("replaced: %d %s", put.status, put.body)
	}
	if renamed := s.do(http.MethodPut, templatesPath+"/welcome", admin, strings.Replace(welcome, `"welcome"`, `"farewell"`, 1)); renamed.status != http.StatusUnprocessableEntity || !slices.Equal(renamed.fields(), []string{"name immutable"}) {
		t.Errorf("another name: %d %s", renamed.status, renamed.body)
	}
	for _, want := range []int{http.StatusNoContent, http.StatusNotFound} {
		if gone := s.do(http.MethodDelete, templatesPath+"/welcome", admin, ""); gone.status != want {
			t.Errorf("deleted: %d %s, want %d", gone.status, gone.body, want)
		}
	}
	for _, method := range []string{http.MethodGet, http.MethodPut} {
		if a := s.do(method, templatesPath+"/welcome", admin, map[string]string{http.MethodPut: welcome}[method]); a.status != http.StatusNotFound {
			t.Errorf("%s what is gone: %d %s", method, a.status, a.body)
		}
	}
}

func TestWhatComesWithTheProgramCanBeReplacedAndComesBack(t *testing.T) {
	t.Parallel()
	s := start(t)
	admin := s.admin()
	own := s.do(http.MethodGet, templatesPath+"/sos.triggered", admin, "")
	if own.status != http.StatusOK || own.field("builtIn") != "true" || own.field("updatedAt") != "null" {
		t.Fatalf("%d %s", own.status, own.body)
	}
	words := `{"texts":{"en":{"title":"{{.reporterName}}: help!","body":"Now."}},"variables":["reporterName"]}`
	if a := s.do(http.MethodPost, templatesPath, admin, `{"name":"sos.triggered",`+words[1:]); a.status != http.StatusConflict {
		t.Errorf("written anew: %d %s", a.status, a.body)
	}
	if a := s.do(http.MethodDelete, templatesPath+"/sos.triggered", admin, ""); a.status != http.StatusConflict || a.field("code") != `"template_built_in"` {
		t.Errorf("deleted: %d %s", a.status, a.body)
	}
	if a := s.do(http.MethodPut, templatesPath+"/sos.triggered", admin, words); a.status != http.StatusOK || a.field("builtIn") != "false" {
		t.Errorf("replaced: %d %s", a.status, a.body)
	}
	if a := s.do(http.MethodDelete, templatesPath+"/sos.triggered", admin, ""); a.status != http.StatusNoContent {
		t.Errorf("given up: %d %s", a.status, a.body)
	}
	if back := s.do(http.MethodGet, templatesPath+"/sos.triggered", admin, ""); back.body != own.body {
		t.Errorf("it came back as %s", back.body)
	}
}

func TestTemplatesAreListedByNameInPages(t *testing.T) {
	t.Parallel()
	s := start(t)
	admin := s.admin()
	for _, name := range []string{"a", "sos.new", "zoo"} {
		if a := s.do(http.MethodPost, templatesPath, admin, strings.Replace(welcome, `"welcome"`, `"`+name+`"`, 1)); a.status != http.StatusCreated {
			t.Fatal(a.body)
		}
	}
	s.do(http.MethodPut, templatesPath+"/sos.test", admin, welcomeTexts)
	var names []string
	for query := "?limit=3"; ; {
		a := s.do(http.MethodGet, templatesPath+query, admin, "")
		var page struct {
			Items      []struct{ Name string }
			NextCursor *string
		}
		if err := json.Unmarshal([]byte(a.body), &page); err != nil || a.status != http.StatusOK {
			t.Fatalf("%d %s", a.status, a.body)
		}
		for _, item := range page.Items {
			names = append(names, item.Name)
		}
		if page.NextCursor == nil {
			break
		}
		query = "?limit=3&cursor=" + *page.NextCursor
	}
	once := slices.Compact(slices.Clone(names))
	if len(once) != len(names) || !slices.IsSorted(names) || !slices.Contains(names, "sos.new") || names[0] != "a" || names[len(names)-1] != "zoo" {
		t.Errorf("listed %v", names)
	}
	whole := s.do(http.MethodGet, templatesPath+"?limit=100", admin, "")
	if n := strings.Count(whole.body, `"builtIn":`); n != len(names) {
		t.Errorf("%d in pages, %d at once", len(names), n)
	}
	for _, cursor := range []string{"x", "bm90YWN1cnNvcm5vdGFjdXJzb3I"} {
		if a := s.do(http.MethodGet, templatesPath+"?cursor="+cursor, admin, ""); a.status != http.StatusBadRequest || a.field("code") != `"invalid_cursor"` {
			t.Errorf("cursor %q: %d %s", cursor, a.status, a.body)
		}
	}
}

const welcomeTexts = `{"variables":["name"],"texts":{"en":{"title":"Welcome, {{.name}}","body":"Hello."}}}`

func TestATemplateThatMakesNoSenseIsRefusedByField(t *testing.T) {
	t.Parallel()
	s := start(t)
	admin := s.admin()
	texts := func(title, body string) string {
		return `{"name":"a","variables":["name"],"texts":{"en":{"title":"` + title + `","body":"` + body + `"}}}`
	}
	for name, c := range map[string]struct {
		body   string
		status int
		field  string
	}{
		"an unknown variable": {texts("Hi {{.who}}", "b"), http.StatusUnprocessableEntity, "texts.en.title unknown_variable"},
		"a loop":              {texts("Hi", "{{range 9}}x{{end}}"), http.StatusUnprocessableEntity, "texts.en.body not_allowed"},
		"a broken one":        {texts("Hi", "{{if}}"), http.StatusUnprocessableEntity, "texts.en.body invalid_template"},
		"two lines":           {texts(`Hi\r\nBcc: x`, "b"), http.StatusUnprocessableEntity, "texts.en.title invalid_format"},
		"no texts":            {`{"name":"a"}`, http.StatusUnprocessableEntity, "texts.en required"},
		"a field too many":    {`{"name":"a","html":"<b>"}`, http.StatusUnprocessableEntity, "html unknown_field"},
		"a number for a text": {`{"name":"a","texts":{"en":{"title":1}}}`, http.StatusUnprocessableEntity, "texts.en.title invalid_type"},
		"no object":           {`[]`, http.StatusBadRequest, ""},
		"more than 64 KiB":    {texts("Hi", strings.Repeat("x", 64<<10)), http.StatusRequestEntityTooLarge, ""},
	} {
		a := s.do(http.MethodPost, templatesPath, admin, c.body)
		if a.status != c.status || c.field != "" && !slices.Contains(a.fields(), c.field) {
			t.Errorf("%s: %d %v, want %d %s", name, a.status, a.fields(), c.status, c.field)
		}
	}
}

func TestTemplatesAreForAdministrators(t *testing.T) {
	t.Parallel()
	s := start(t)
	ana := s.user(idgen.NewV7())
	for _, c := range [][2]string{
		{http.MethodGet, ""}, {http.MethodPost, ""}, {http.MethodGet, "/a"}, {http.MethodPut, "/a"}, {http.MethodDelete, "/a"},
	} {
		if a := s.do(c[0], templatesPath+c[1], ana, ""); a.status != http.StatusForbidden {
			t.Errorf("%s %s: %d", c[0], c[1], a.status)
		}
	}
}
