package domain_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/loveapp/backend/notification/internal/domain"
)

func proposed(title, body string) domain.ProposedTemplate {
	return domain.ProposedTemplate{
		Name: "welcome", Variables: []string{"name"}, Optional: []string{"city"},
		Texts: map[string]domain.TemplateText{"en": {Title: title, Body: body}},
	}
}

func TestATemplateMaySayLittle(t *testing.T) {
	t.Parallel()
	const good = "Hello"
	for name, c := range map[string]struct {
		body string
		want string // code of texts.en.body, "" where it is fine
	}{
		"plain text":              {"Hello", ""},
		"a variable":              {"Hello {{.name}}", ""},
		"a condition":             {`{{if and .city (ne .city "Rome")}}From {{.city}}{{else if not .name}}x{{else}}{{.name}}{{end}}`, ""},
		"a comment":               {"{{/* why */}}Hello", ""},
		"nothing":                 {" ", "required"},
		"an unknown variable":     {"Hello {{.nom}}", "unknown_variable"},
		"one in a dead branch":    {`{{if eq .name "x"}}{{.other}}{{end}}y`, "unknown_variable"},
		"a member of a variable":  {"{{.name.length}}", "unknown_variable"},
		"everything at once":      {"{{.}}", "not_allowed"},
		"the root":                {"{{$}}", "not_allowed"},
		"a loop":                  {"{{range .name}}x{{end}}", "not_allowed"},
		"a loop over a number":    {"{{range 1000000000}}x{{end}}", "not_allowed"},
		"another dot":             {"{{with .name}}{{.}}{{end}}", "not_allowed"},
		"a variable of its own":   {"{{$x := .name}}{{$x}}", "not_allowed"},
		"a wide number":           {`{{printf "%999999999d" 1}}`, "not_allowed"},
		"a call":                  {"{{call .name}}", "not_allowed"},
		"a slice":                 {"{{slice .name 1 2}}", "not_allowed"},
		"an index":                {`{{index . "name"}}`, "not_allowed"},
		"markup without escaping": {"{{html .name}}", "not_allowed"},
		"a number":                {"{{eq .name 1}}", "not_allowed"},
		"another template":        {`{{template "x"}}`, "not_allowed"},
		"a definition":            {`{{define "x"}}{{range 9}}{{end}}{{end}}Hello`, "not_allowed"},
		"a block":                 {`{{block "x" .}}x{{end}}`, "not_allowed"},
		"an open brace":           {"Hello {{.name", "invalid_template"},
		"an unknown function":     {"{{exec .name}}", "invalid_template"},
		"an end too many":         {"{{end}}", "invalid_template"},
		"a function of nothing":   {"{{eq}}", "not_allowed"},
		"too long":                {strings.Repeat("x", domain.MaxTemplateSource+1), "too_long"},
		"as long as it may be":    {strings.Repeat("x", domain.MaxTemplateSource), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var want []string
			if c.want != "" {
				want = []string{"texts.en.body " + c.want}
			}
			_, wrong := domain.NewTemplate(proposed(good, c.body))
			var got []string
			for _, field := range wrong {
				got = append(got, field.Field+" "+field.Code)
			}
			if !slices.Equal(got, want) {
				t.Errorf("refused %v, want %v: %v", got, want, wrong)
			}
		})
	}
}

func TestATemplateNamesWhatIsWrongAroundItsTexts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*domain.ProposedTemplate)
		want   string
	}{
		"no name":               {func(p *domain.ProposedTemplate) { p.Name = "" }, "name invalid_format"},
		"a name in capitals":    {func(p *domain.ProposedTemplate) { p.Name = "Welcome" }, "name invalid_format"},
		"a path for a name":     {func(p *domain.ProposedTemplate) { p.Name = "a/b" }, "name invalid_format"},
		"a long name":           {func(p *domain.ProposedTemplate) { p.Name = strings.Repeat("a", 65) }, "name invalid_format"},
		"a variable with a dot": {func(p *domain.ProposedTemplate) { p.Variables = []string{"a.b"} }, "variables[0] invalid_format"},
		"a variable twice":      {func(p *domain.ProposedTemplate) { p.Variables = []string{"name", "name"} }, "variables[1] duplicate"},
		"needed and not":        {func(p *domain.ProposedTemplate) { p.Optional = []string{"name"} }, "optionalVariables[0] duplicate"},
		"too many variables":    {func(p *domain.ProposedTemplate) { p.Variables = make([]string, 33) }, "variables too_many"},
		"no English": {func(p *domain.ProposedTemplate) {
			p.Texts = map[string]domain.TemplateText{"fr": {Title: "a", Body: "b"}}
		}, "texts.en required"},
		"no texts":             {func(p *domain.ProposedTemplate) { p.Texts = nil }, "texts.en required"},
		"an odd locale":        {func(p *domain.ProposedTemplate) { p.Texts["english"] = p.Texts["en"] }, "texts.english invalid_format"},
		"a locale in small":    {func(p *domain.ProposedTemplate) { p.Texts["fr-ca"] = p.Texts["en"] }, "texts.fr-ca invalid_format"},
		"a title of two lines": {func(p *domain.ProposedTemplate) { p.Texts["en"] = domain.TemplateText{Title: "a\nBcc: b", Body: "b"} }, "texts.en.title invalid_format"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := proposed("Hello {{.name}}", "Body")
			c.change(&p)
			_, wrong := domain.NewTemplate(p)
			if len(wrong) == 0 || wrong[0].Field+" "+wrong[0].Code != c.want {
				t.Errorf("refused %v, want %s first", wrong, c.want)
			}
		})
	}
}

func template(t *testing.T, p domain.ProposedTemplate) domain.Template {
	t.Helper()
	made, wrong := domain.NewTemplate(p)
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	return made
}

func TestATemplateSpeaksTheNearestLanguage(t *testing.T) {
	t.Parallel()
	p := proposed("en", "en")
	for _, locale := range []string{"fr", "fr-CA", "es"} {
		p.Texts[locale] = domain.TemplateText{Title: locale, Body: locale}
	}
	made := template(t, p)
	for asked, want := range map[string]string{
		"fr": "fr", "fr-CA": "fr-CA", "fr-BE": "fr", "fr_ca": "fr-CA", "FR": "fr", "es-419": "es", "es-Latn-MX": "es", "de": "en", "": "en", "zh-Hant-TW": "en", "x": "en", "fr-ca-u-co-phonebk": "fr-CA",
	} {
		locale, _ := domain.ParseLocale(asked)
		if got := made.In(locale).Title; got != want {
			t.Errorf("%q gets %s, want %s", asked, got, want)
		}
	}
}

func TestATemplateIsFilledIn(t *testing.T) {
	t.Parallel()
	made := template(t, proposed("Hello {{.name}}", "{{if .city}}From {{.city}}. {{end}}Bye, {{.name}}"))
	for name, c := range map[string]struct {
		data string
		want domain.Words
		err  string
	}{
		"a text":            {`{"name":"Ana"}`, domain.Words{Title: "Hello Ana", Body: "Bye, Ana"}, ""},
		"all of it":         {`{"name":"Ana","city":"Oslo","more":1}`, domain.Words{Title: "Hello Ana", Body: "From Oslo. Bye, Ana"}, ""},
		"a number":          {`{"name":12345678901234567890}`, domain.Words{Title: "Hello 12345678901234567890", Body: "Bye, 12345678901234567890"}, ""},
		"no is empty":       {`{"name":"Ana","city":false}`, domain.Words{Title: "Hello Ana", Body: "Bye, Ana"}, ""},
		"a break in a name": {`{"name":"Ana\r\nBcc: eve@example.org\u2028\u0007"}`, domain.Words{Title: "Hello Ana Bcc: eve@example.org", Body: "Bye, Ana\r\nBcc: eve@example.org\u2028\u0007"}, ""},
		"code in a name":    {`{"name":"{{.city}}"}`, domain.Words{Title: "Hello {{.city}}", Body: "Bye, {{.city}}"}, ""},
		"no name":           {`{"city":"Oslo"}`, domain.Words{}, "the variable name has no value"},
		"an empty name":     {`{"name":""}`, domain.Words{}, "the variable name has no value"},
		"a list for a name": {`{"name":["Ana"]}`, domain.Words{}, "the variable name has no value"},
		"no data":           {``, domain.Words{}, "the variable name has no value"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := made.Say("en", domain.ValuesOf(json.RawMessage(c.data)))
			if got != c.want || (err == nil) != (c.err == "") || err != nil && err.Error() != c.err {
				t.Errorf("%+v, %v; want %+v, %s", got, err, c.want, c.err)
			}
		})
	}
}

func TestWhatATemplateBecomesIsBounded(t *testing.T) {
	t.Parallel()
	long := domain.Values{"name": strings.Repeat("ü", 300)}
	said, err := template(t, proposed("{{.name}}", strings.Repeat("{{.name}}", 20))).Say("en", long)
	if err != nil || len([]rune(said.Title)) != domain.MaxTitle || len([]rune(said.Body)) != domain.MaxBody {
		t.Errorf("a title of %d and a body of %d characters, %v", len([]rune(said.Title)), len([]rune(said.Body)), err)
	}
	huge := domain.Values{"name": strings.Repeat("x", domain.MaxData)}
	if _, err := template(t, proposed("a", strings.Repeat("{{.name}}", 1000))).Say("en", huge); err == nil {
		t.Error("16 MB are said")
	}
}

// Whatever words there are for a kind, there are in every language, and they
// need no more than the sender gives.
func TestTheBuiltInTemplatesSayEverythingInThreeLanguages(t *testing.T) {
	t.Parallel()
	all, err := domain.BuiltInTemplates()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, made := range all {
		names = append(names, string(made.Name))
		for _, locale := range []domain.Locale{"en", "fr", "es"} {
			if _, ok := made.Texts[locale]; !ok {
				t.Errorf("%s says nothing in %s", made.Name, locale)
			}
			for _, toReporter := range []string{"", "true"} {
				for _, emergency := range []string{"", "medical", "fire", "violence", "accident", "theft", "harassment", "mental_health", "other"} {
					values := domain.Values{"reporterName": "Zoë", "ownerName": "Zoë", "url": "https://example.org/x", "toReporter": toReporter, "emergencyType": emergency}
					said, err := made.Say(locale, values)
					if err != nil || said.Title == "" || said.Body == "" || strings.Contains(said.Title+said.Body, "{{") {
						t.Errorf("%s in %s: %+v, %v", made.Name, locale, said, err)
					}
				}
			}
		}
	}
	for _, name := range []string{
		"contact.consent", "contact.invitation", "sos.acknowledged", "sos.assigned", "sos.cancelled", "sos.emergency_called",
		"sos.escalated", "sos.resolved", "sos.test", "sos.tracking", "sos.triggered",
	} {
		if !slices.Contains(names, name) {
			t.Errorf("nothing is said for %s", name)
		}
	}
}

func TestTheAlarmIsSaidAsItIs(t *testing.T) {
	t.Parallel()
	all, err := domain.BuiltInTemplates()
	if err != nil {
		t.Fatal(err)
	}
	alarm := all[slices.IndexFunc(all, func(made domain.Template) bool { return made.Name == "sos.triggered" })]
	for locale, c := range map[domain.Locale]struct {
		values domain.Values
		want   domain.Words
	}{
		"en":    {domain.Values{"reporterName": "Ann", "emergencyType": "medical", "drill": "true"}, domain.Words{Title: "Drill: Ann needs help", Body: "Medical emergency. Open the app to see where, and say that you know."}},
		"fr-CA": {domain.Values{"reporterName": "Ann"}, domain.Words{Title: "Ann a besoin d’aide", Body: "Urgence. Ouvrez l’application pour voir où, et confirmez que vous êtes au courant."}},
		"es":    {domain.Values{"reporterName": "Ann", "emergencyType": "fire", "url": "x"}, domain.Words{Title: "Ann necesita ayuda", Body: "Incendio. Siga el enlace para ver dónde y confirme que lo sabe."}},
	} {
		if got, err := alarm.Say(locale, c.values); err != nil || got != c.want {
			t.Errorf("%s: %+v, %v; want %+v", locale, got, err, c.want)
		}
	}
}
