package live_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const observed = "../../../deployments/observability"

// amtool is Alertmanager's own checker; make test-manifests installs it.
func amtool(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "amtool", args...)
	var warnings strings.Builder
	cmd.Stderr = &warnings
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("amtool %s: %v\n%s%s", strings.Join(args, " "), err, out, warnings.String())
	}
	return string(out)
}

// configured is the configuration as Debian's amtool (0.25) reads it: url_file of
// webhooks is known from 0.26 on, so a URL stands in its place.
func configured(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(observed + "/alertmanager/alertmanager.yml")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "alertmanager.yml")
	if err := os.WriteFile(file, urlFile.ReplaceAll(text, []byte("url: https://alerts.example.org")), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

var urlFile = regexp.MustCompile(`url_file: /etc/alertmanager/\S+`)

func TestAlertmanagerUnderstandsItsConfiguration(t *testing.T) {
	t.Parallel()
	if said := amtool(t, "check-config", configured(t)); !strings.Contains(said, "SUCCESS") || !strings.Contains(said, "2 receivers") {
		t.Error(said)
	}
}

// As Alertmanager itself routes: what is urgent to the pager, the rest to the tickets.
func TestEveryAlertGoesWhereItsUrgencySays(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(observed + "/prometheus/rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	var rules struct {
		Groups []struct {
			Rules []struct {
				Alert  string
				Labels map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(text, &rules); err != nil {
		t.Fatal(err)
	}
	file := configured(t)
	for _, r := range rules.Groups[0].Rules {
		want := map[string]string{"page": "pager", "ticket": "tickets"}[r.Labels["severity"]]
		got := strings.TrimSpace(amtool(t, "config", "routes", "test", "--config.file="+file,
			"alertname="+r.Alert, "severity="+r.Labels["severity"], "job=sos-service"))
		if got != want {
			t.Errorf("%s goes to %q, want %q", r.Alert, got, want)
		}
	}
}
