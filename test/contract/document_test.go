package contract_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/loveapp/backend/test/openapi"
)

func TestTheGatewaysDocumentHasEveryPublicRouteAndNoOther(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	a := d.try(t, request{method: http.MethodGet, path: "/openapi.json"})
	if a.StatusCode != http.StatusOK {
		t.Fatalf("%d %s", a.StatusCode, a.body)
	}
	merged, err := openapi.Load(map[string][]byte{"all": a.body}) // refuses what is no OpenAPI 3.1
	if err != nil {
		t.Fatal(err)
	}
	got, want := names(merged.Operations()), names(d.public())
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

func names(all []openapi.Operation) []string {
	var out []string
	for _, o := range all {
		out = append(out, o.Method+" "+anonymous(o.Path))
	}
	slices.Sort(out)
	return slices.Compact(out)
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
