package httpapi_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/loveapp/backend/shared/idgen"
)

const (
	preferencesPath = "/v1/notifications/preferences"
	allOn           = `{"push":true,"email":true,"sms":true}`
)

func TestPreferencesAreShownWithTheirDefaults(t *testing.T) {
	t.Parallel()
	s := start(t)
	a := s.do(http.MethodGet, preferencesPath, s.user(idgen.NewV7()), "")
	want := `{"campaign":` + allOn + `,"donation":` + allOn + `,"general":` + allOn + `,"sos":` + allOn + `,"system":` + allOn + `,"volunteer":` + allOn + `}`
	if a.status != http.StatusOK || a.field("channels") != want || a.field("quietHours") != "null" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if got := a.header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q", got)
	}
}

func TestPuttingPreferencesReplacesAllOfThem(t *testing.T) {
	t.Parallel()
	s := start(t)
	ana, ben := s.user(idgen.NewV7()), s.user(idgen.NewV7())
	body := `{"channels":{"campaign":{"push":true,"email":false},"sos":{"sms":null}},"quietHours":{"from":"22:00","to":"07:30","timezone":"Europe/Paris"},"later":1}`
	put := s.do(http.MethodPut, preferencesPath, ana, body)
	if put.status != http.StatusOK {
		t.Fatalf("%d %s", put.status, put.body)
	}
	got := s.do(http.MethodGet, preferencesPath, ana, "")
	if got.body != put.body || !strings.Contains(got.body, `"campaign":{"push":true,"email":false,"sms":true}`) || !strings.Contains(got.body, `"sos":`+allOn) ||
		got.field("quietHours") != `{"from":"22:00","to":"07:30","timezone":"Europe/Paris"}` {
		t.Errorf("%s, was answered %s", got.body, put.body)
	}
	if other := s.do(http.MethodGet, preferencesPath, ben, ""); other.field("quietHours") != "null" {
		t.Errorf("somebody else has %s", other.body)
	}
	for _, body := range []string{`{}`, `{"channels":null,"quietHours":null}`} {
		s.do(http.MethodPut, preferencesPath, ana, `{"channels":{"campaign":{"push":false}}}`)
		if a := s.do(http.MethodPut, preferencesPath, ana, body); strings.Contains(a.body, "false") || a.field("quietHours") != "null" {
			t.Errorf("%s leaves %s", body, a.body)
		}
	}
}

func TestPreferencesThatMakeNoSenseAreRefusedByField(t *testing.T) {
	t.Parallel()
	s := start(t)
	ana := s.user(idgen.NewV7())
	hours := func(from, to, zone string) string {
		return `{"quietHours":{"from":"` + from + `","to":"` + to + `","timezone":"` + zone + `"}}`
	}
	for name, c := range map[string]struct {
		body   string
		status int
		fields []string
	}{
		"an unknown category":    {`{"channels":{"gossip":{}}}`, http.StatusUnprocessableEntity, []string{"channels.gossip unknown_value"}},
		"a category in capitals": {`{"channels":{"SOS":{}}}`, http.StatusUnprocessableEntity, []string{"channels.SOS unknown_value"}},
		"a text for a yes":       {`{"channels":{"sos":{"push":"yes"}}}`, http.StatusUnprocessableEntity, []string{"channels.sos.push invalid_type"}},
		"a list for channels":    {`{"channels":[]}`, http.StatusUnprocessableEntity, []string{"channels invalid_type"}},
		"a yes for a category":   {`{"channels":{"sos":true}}`, http.StatusUnprocessableEntity, []string{"channels.sos invalid_type"}},
		"hours without a colon":  {hours("2200", "07:00", "UTC"), http.StatusUnprocessableEntity, []string{"quietHours.from invalid_format"}},
		"one digit":              {hours("7:00", "8:00", "UTC"), http.StatusUnprocessableEntity, []string{"quietHours.from invalid_format", "quietHours.to invalid_format"}},
		"with seconds":           {hours("22:00", "07:00:00", "UTC"), http.StatusUnprocessableEntity, []string{"quietHours.to invalid_format"}},
		"the 24th hour":          {hours("22:00", "24:00", "UTC"), http.StatusUnprocessableEntity, []string{"quietHours.to invalid_format"}},
		"all day":                {hours("22:00", "22:00", "UTC"), http.StatusUnprocessableEntity, []string{"quietHours.to same_as_from"}},
		"a zone of nowhere":      {hours("22:00", "07:00", "Mars/Olympus"), http.StatusUnprocessableEntity, []string{"quietHours.timezone unknown_value"}},
		"the server's zone":      {hours("22:00", "07:00", "Local"), http.StatusUnprocessableEntity, []string{"quietHours.timezone unknown_value"}},
		"a way out of the zones": {hours("22:00", "07:00", "../../etc/passwd"), http.StatusUnprocessableEntity, []string{"quietHours.timezone unknown_value"}},
		"a file":                 {hours("22:00", "07:00", "/etc/localtime"), http.StatusUnprocessableEntity, []string{"quietHours.timezone unknown_value"}},
		"an offset":              {hours("22:00", "07:00", "+01:00"), http.StatusUnprocessableEntity, []string{"quietHours.timezone unknown_value"}},
		"nothing in it":          {`{"quietHours":{}}`, http.StatusUnprocessableEntity, []string{"quietHours.from invalid_format", "quietHours.to invalid_format", "quietHours.timezone unknown_value"}},
		"a text for hours":       {`{"quietHours":"at night"}`, http.StatusUnprocessableEntity, []string{"quietHours invalid_type"}},
		"the same key twice":     {`{"channels":{"sos":{},"sos":{}}}`, http.StatusBadRequest, nil},
		"another case":           {`{"Channels":{}}`, http.StatusBadRequest, nil},
		"no object":              {`[]`, http.StatusBadRequest, nil},
		"nothing":                {``, http.StatusBadRequest, nil},
	} {
		if a := s.do(http.MethodPut, preferencesPath, ana, c.body); a.status != c.status || !slices.Equal(a.fields(), c.fields) {
			t.Errorf("%s: %d %v, want %d %v: %s", name, a.status, a.fields(), c.status, c.fields, a.body)
		}
	}
	if a := s.do(http.MethodGet, preferencesPath, ana, ""); strings.Contains(a.body, "false") || a.field("quietHours") != "null" {
		t.Errorf("something of it was kept: %s", a.body)
	}
}
