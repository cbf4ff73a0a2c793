package sight_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/loveapp/backend/test/sight"
	"github.com/loveapp/backend/test/world"
)

const repository = "../.."

func page(t *testing.T) []sight.Metric {
	t.Helper()
	metrics, err := sight.Page(repository)
	if err != nil || len(metrics) < 50 {
		t.Fatalf("%d metrics are on their page: %v", len(metrics), err)
	}
	return metrics
}

// wantEveryMetricOnItsPage: what a scrape of each service finds is on the page, as it
// is. That the page has nothing more is shown by the whole stack (test/observability).
func wantEveryMetricOnItsPage(t *testing.T, w world.World) {
	t.Helper()
	measured, ok := w.(world.Measured)
	if !ok {
		t.Fatal("this world's metrics cannot be read")
	}
	written := map[string]sight.Metric{}
	for _, m := range page(t) {
		written[m.Name] = m
	}
	for _, service := range sight.Services() {
		found := sight.Scrape(measured.Metrics(service))
		if len(found) < 20 {
			t.Errorf("%s has %d metrics", service, len(found))
		}
		for name, got := range found {
			want, there := written[name]
			if !there && sight.Everybodys(name) {
				continue
			}
			if !there || got.Kind != want.Kind || got.Says != want.Says || !slices.Equal(got.Labels, want.Labels) || !slices.Contains(want.Services, service) {
				t.Errorf("%s: %s is a %s by %v: %s\non its page: %+v", service, name, got.Kind, got.Labels, got.Says, want)
			}
		}
	}
}

// Whoever changes a metric sees who looks at it.
func TestThePageOfMetricsSaysWhoUsesEach(t *testing.T) {
	t.Parallel()
	alerts, dashboards := users(t)
	for _, m := range page(t) {
		asks := regexp.MustCompile(`\b` + m.Name + `(?:_bucket|_sum|_count)?\b`)
		using := func(by map[string]string) (names []string) {
			for name, text := range by {
				if asks.MatchString(text) {
					names = append(names, name)
				}
			}
			slices.Sort(names)
			return names
		}
		slices.Sort(m.Alerts)
		if a, d := using(alerts), using(dashboards); !slices.Equal(a, m.Alerts) || !slices.Equal(d, m.Dashboards) {
			t.Errorf("%s is used by the alerts %v and the dashboards %v; its page says %v and %v", m.Name, a, d, m.Alerts, m.Dashboards)
		}
	}
}

// users are the queries of each alert and each dashboard, by its name.
func users(t *testing.T) (alerts, dashboards map[string]string) {
	t.Helper()
	var rules struct {
		Groups []struct {
			Rules []struct{ Alert, Expr string }
		}
	}
	read(t, "deployments/observability/prometheus/rules.yml", func(text []byte) error { return yaml.Unmarshal(text, &rules) })
	alerts, dashboards = map[string]string{}, map[string]string{}
	for _, group := range rules.Groups {
		for _, r := range group.Rules {
			alerts[r.Alert] = r.Expr
		}
	}
	files, err := filepath.Glob(filepath.Join(repository, "deployments/observability/grafana/dashboards/*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d dashboards: %v", len(files), err)
	}
	for _, file := range files {
		var d struct {
			Title  string
			Panels []struct{ Targets []struct{ Expr string } }
		}
		read(t, strings.TrimPrefix(file, repository+"/"), func(text []byte) error { return json.Unmarshal(text, &d) })
		for _, panel := range d.Panels {
			for _, target := range panel.Targets {
				dashboards[d.Title] += target.Expr + "\n"
			}
		}
	}
	return alerts, dashboards
}

func read(t *testing.T, file string, decode func([]byte) error) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository, file))
	if err == nil {
		err = decode(text)
	}
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}
