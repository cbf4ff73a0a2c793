package manifests_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const (
	rulesFolder      = "deployments/observability/prometheus"
	dashboardsFolder = "deployments/observability/grafana/dashboards"
)

type ruleFile struct {
	Groups []struct {
		Name  string `yaml:"name"`
		Rules []rule `yaml:"rules"`
	} `yaml:"groups"`
}

type rule struct {
	Alert       string            `yaml:"alert,omitempty"`
	Record      string            `yaml:"record,omitempty"`
	Expr        string            `yaml:"expr"`
	For         string            `yaml:"for,omitempty"`
	Labels      map[string]string `yaml:"labels,omitempty"`
	Annotations map[string]string `yaml:"annotations,omitempty"`
}

func alerts(t *testing.T) []rule {
	t.Helper()
	var file ruleFile
	if err := yaml.Unmarshal([]byte(read(t, rulesFolder, "rules.yml")), &file); err != nil {
		t.Fatal(err)
	}
	return file.Groups[0].Rules
}

// promtool runs Prometheus's own checker; make deps installs it.
func promtool(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "promtool", args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func TestEveryAlertFiresWhereItMustAndOnlyThere(t *testing.T) {
	t.Parallel()
	promtool(t, filepath.Join(root(t), rulesFolder), "test", "rules", "rules_test.yml")
	tested := read(t, rulesFolder, "rules_test.yml")
	for _, a := range alerts(t) {
		if !strings.Contains(tested, "  - name: "+a.Alert+"\n") || !strings.Contains(tested, "alertname: "+a.Alert+", exp_alerts: []") {
			t.Errorf("nothing shows that %s fires, and is quiet", a.Alert)
		}
	}
}

func TestEveryAlertHasARunbookOfItsName(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(filepath.Join(root(t), "deployments/runbooks"))
	if err != nil {
		t.Fatal(err)
	}
	books := len(entries)
	for _, a := range alerts(t) {
		book := "deployments/runbooks/" + a.Alert + ".md"
		text := read(t, book)
		for _, part := range []string{"# " + a.Alert + "\n", "## Look at\n", "## Do\n", "## Stop when\n", a.Expr} {
			if !strings.Contains(text, part) {
				t.Errorf("%s does not say %q", book, part)
			}
		}
		if a.Annotations["runbook"] != book || a.Annotations["summary"] == "" || (a.Labels["severity"] != "page" && a.Labels["severity"] != "ticket") {
			t.Errorf("%s does not say how urgent it is, what is wrong, or what to do", a.Alert)
		}
		books--
	}
	if books != 0 {
		t.Errorf("%d runbooks belong to no alert", books)
	}
}

type dashboard struct {
	UID    string `json:"uid"`
	Panels []struct {
		Title   string `json:"title"`
		Targets []struct {
			Expr string `json:"expr"`
		} `json:"targets"`
	} `json:"panels"`
}

// queries are those of every panel, by where they stand.
func queries(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root(t), dashboardsFolder, "*.json"))
	if err != nil || len(files) != 5 {
		t.Fatalf("there are %d dashboards: %v", len(files), err)
	}
	found := map[string]string{}
	for _, file := range files {
		var d dashboard
		if err := json.Unmarshal([]byte(read(t, dashboardsFolder, filepath.Base(file))), &d); err != nil {
			t.Fatal(err)
		}
		for _, panel := range d.Panels {
			for i, target := range panel.Targets {
				found[fmt.Sprintf("%s/%s/%d", d.UID, panel.Title, i)] = target.Expr
			}
		}
	}
	return found
}

func TestPrometheusUnderstandsEveryQueryOfTheDashboards(t *testing.T) {
	t.Parallel()
	var rules []rule
	for _, expr := range queries(t) {
		rules = append(rules, rule{Record: fmt.Sprintf("query_%d", len(rules)), Expr: expr})
	}
	text, err := yaml.Marshal(map[string]any{"groups": []any{map[string]any{"name": "queries", "rules": rules}}})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "rules.yml"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	promtool(t, dir, "check", "rules", "rules.yml")
}

// A name in a query: what stands before its labels or its range, or alone within brackets.
var metric = regexp.MustCompile(`\b([a-z]+(?:_[a-z0-9]+)+|up)\b(?:\{|\[|\)| [<>=/+-]|$)`)

func TestEveryMetricThatIsAskedForIsMade(t *testing.T) {
	t.Parallel()
	made := exported(t)
	asked := queries(t)
	for _, a := range alerts(t) {
		asked[a.Alert] = a.Expr
	}
	for where, expr := range asked {
		names := metric.FindAllStringSubmatch(expr, -1)
		if len(names) == 0 {
			t.Errorf("%s asks for nothing: %s", where, expr)
		}
		for _, name := range names {
			base := name[1]
			for _, suffix := range []string{"_bucket", "_count", "_sum"} {
				base = strings.TrimSuffix(base, suffix)
			}
			if !slices.Contains(made, base) {
				t.Errorf("%s: nobody makes %s", where, name[1])
			}
		}
	}
}

var literal = regexp.MustCompile(`"([a-z]+(?:_[a-z0-9]+)+)"`)

// exported are the names in the sources that make metrics, and those of every Go
// process and every scrape.
func exported(t *testing.T) []string {
	t.Helper()
	names := []string{"up", "process_cpu_seconds_total", "process_resident_memory_bytes"}
	for _, module := range []string{"auth", "gateway", "notification", "sos", "shared"} {
		err := filepath.WalkDir(filepath.Join(root(t), module), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path) //nolint:gosec // the repository's own
			if err != nil || !strings.Contains(string(text), "prometheus/client_golang") {
				return err
			}
			for _, found := range literal.FindAllStringSubmatch(string(text), -1) {
				names = append(names, found[1])
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return names
}

// What a copy of Prometheus is told to collect is what the programs serve.
func TestPrometheusCollectsFromEveryProgram(t *testing.T) {
	t.Parallel()
	promtool(t, root(t), "check", "config", "--syntax-only", rulesFolder+"/prometheus.yml")
	text, project := read(t, rulesFolder, "prometheus.yml"), compose(t)
	for _, p := range programs() {
		port := *project.Services[p.workload].Environment["METRICS_PORT"]
		if !strings.Contains(text, fmt.Sprintf("names: [%s], type: A, port: %s,", p.workload, port)) {
			t.Errorf("nobody collects from %s on %s", p.workload, port)
		}
	}
}
