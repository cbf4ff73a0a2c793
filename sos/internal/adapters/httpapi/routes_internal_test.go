package httpapi

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/shared/health"
	"github.com/loveapp/backend/shared/httpserver"
	spec "github.com/loveapp/backend/sos/api"
)

func TestTheSpecNamesEveryRouteAndNoOther(t *testing.T) {
	t.Parallel()
	h, err := health.New(health.Config{})
	if err != nil {
		t.Fatal(err)
	}
	var routes []string
	parameter := regexp.MustCompile(`:(\w+)`)
	for _, route := range slices.Concat(api{}.routes(), h.Routes(), []httpserver.Route{document()}) {
		routes = append(routes, strings.ToLower(route.Method)+" "+parameter.ReplaceAllString(route.Pattern, "{$1}"))
	}
	var named []string
	pathLine, methodLine, path := regexp.MustCompile(`^  (/\S*):$`), regexp.MustCompile(`^    (get|post|put|patch|delete):$`), ""
	for line := range strings.SplitSeq(string(spec.Spec()), "\n") {
		if found := pathLine.FindStringSubmatch(line); found != nil {
			path = found[1]
		}
		if found := methodLine.FindStringSubmatch(line); found != nil && path != "" {
			named = append(named, found[1]+" "+path)
		}
	}
	slices.Sort(routes)
	slices.Sort(named)
	if diff := cmp.Diff(routes, named); diff != "" {
		t.Errorf("routes (-) and spec (+):\n%s", diff)
	}
}
