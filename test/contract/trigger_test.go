package contract_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/loveapp/backend/test/world"
)

// An alarm is never refused for what comes with it: what cannot be used is
// stored as nothing and warned about.
func TestAnAlarmCountsWhateverComesWithIt(t *testing.T) {
	t.Parallel()
	w := world.Fake(t, world.Size{})
	for name, tt := range map[string]struct {
		body   string
		header map[string]string
		warned []string // fields
	}{
		"nothing":                {"", nil, nil},
		"an empty object":        {"{}", nil, nil},
		"no JSON":                {"help me", nil, []string{"body"}},
		"cut short":              {`{"emergencyType":"medical`, nil, []string{"body"}},
		"text of another type":   {`{"emergencyType":"medical"}`, map[string]string{"Content-Type": "text/plain"}, nil},
		"a list":                 {`[1,2]`, nil, []string{"body"}},
		"a type nobody knows":    {`{"emergencyType":"volcano"}`, nil, []string{"emergencyType"}},
		"a type that is no text": {`{"emergencyType":7}`, nil, []string{"emergencyType"}},
		"a place off the globe":  {`{"location":{"latitude":91,"longitude":0}}`, nil, []string{"location"}},
		"a place in words":       {`{"location":"at home"}`, nil, []string{"location"}},
		"a field of tomorrow":    {`{"fieldOfTomorrow":1}`, nil, nil},
		"a very long story":      {`{"description":"` + strings.Repeat("x", 12<<10) + `"}`, nil, []string{"description"}},
		"no key":                 {`{}`, map[string]string{"Idempotency-Key": ""}, []string{"Idempotency-Key"}},
		"a key that is none":     {`{}`, map[string]string{"Idempotency-Key": strings.Repeat("k", 300)}, []string{"Idempotency-Key"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := door{url: w.Gateways()[0], person: world.SignUp(t, w, "Ada")}
			header := map[string]string{"Idempotency-Key": world.NewKey()}
			maps.Copy(header, tt.header)
			a := d.try(t, request{method: http.MethodPost, path: "/v1/sos/tickets", body: tt.body, header: header})
			a.want(t, http.StatusCreated, "")
			var triggered world.Triggered
			if err := json.Unmarshal(a.body, &triggered); err != nil {
				t.Fatal(err)
			}
			for _, field := range tt.warned {
				if !slices.ContainsFunc(triggered.Warnings, func(w world.Warning) bool { return strings.HasPrefix(w.Field, field) }) {
					t.Errorf("warnings are %+v, want one about %s", triggered.Warnings, field)
				}
			}
		})
	}
}

func TestOnlyAnAlarmOver16KiBIsRefused(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	a := d.try(t, request{method: http.MethodPost, path: "/v1/sos/tickets", body: `{"description":"` + strings.Repeat("x", 16<<10) + `"}`})
	a.want(t, http.StatusRequestEntityTooLarge, "payload_too_large")
}
