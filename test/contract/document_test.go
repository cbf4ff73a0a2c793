package contract_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestTheGatewaysDocumentHasEveryPublicRouteAndNoOther(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	a := d.try(t, request{method: http.MethodGet, path: "/openapi.json"})
	var document struct {
		OpenAPI string
		Paths   map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(a.body, &document); err != nil || a.StatusCode != http.StatusOK || document.OpenAPI != "3.1.0" {
		t.Fatalf("%d %q %v", a.StatusCode, document.OpenAPI, err)
	}
	var got, want []string
	for path, item := range document.Paths {
		for method := range item {
			if method != "parameters" {
				got = append(got, strings.ToUpper(method)+" "+anonymous(path))
			}
		}
	}
	for _, o := range d.public() {
		want = append(want, o.Method+" "+anonymous(o.Path))
	}
	for _, name := range want {
		if !slices.Contains(got, name) {
			t.Errorf("%s is missing", name)
		}
	}
	for _, name := range got {
		if !slices.Contains(want, name) {
			t.Errorf("%s is not public", name)
		}
	}
}

// anonymous is a path whose parameters have no names.
func anonymous(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if strings.HasPrefix(part, "{") {
			parts[i] = "{}"
		}
	}
	return strings.Join(parts, "/")
}
