package observability_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/loveapp/backend/shared/freeport"
	"github.com/loveapp/backend/test/stack"
)

const (
	repository = "../.."
	observed   = repository + "/deployments/observability"
)

// prometheus is a running one.
type prometheus struct{ url string }

// watch runs Prometheus with the committed configuration, rules and names of jobs;
// only where to find the copies, and how often to ask, is this stack's.
func watch(t *testing.T, s *stack.Stack) prometheus {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(file, configuration(t, s), 0o600); err != nil {
		t.Fatal(err)
	}
	address := freeport.Addr(t)
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("prometheus", "--config.file="+file, "--storage.tsdb.path="+filepath.Join(dir, "series"), "--web.listen-address="+address) //nolint:gosec,noctx // ended below
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start Prometheus (make deps installs it): %v", err)
	}
	p := prometheus{"http://" + address}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait(); close(ended) }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		<-ended
		said, _ := os.ReadFile(log.Name())
		if t.Failed() {
			t.Logf("Prometheus says:\n%s", said)
		}
	})
	eventually(t, "Prometheus is ready", func() bool {
		select {
		case err := <-ended:
			t.Fatalf("Prometheus has ended by itself: %v", err)
		default:
		}
		answer, err := http.Get(p.url + "/-/ready") //nolint:noctx,gosec // our own
		if err != nil {
			return false
		}
		_ = answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
	return p
}

// configuration is prometheus.yml with this stack's copies instead of names in a cluster.
func configuration(t *testing.T, s *stack.Stack) []byte {
	t.Helper()
	text, err := os.ReadFile(observed + "/prometheus/prometheus.yml")
	if err != nil {
		t.Fatal(err)
	}
	var c map[string]any
	if err := yaml.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	rules, err := filepath.Abs(observed + "/prometheus/rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	c["global"] = map[string]any{"scrape_interval": "1s", "evaluation_interval": "1s"}
	c["rule_files"] = []string{rules}
	delete(c, "alerting")
	var jobs []any
	for job, targets := range copies(t, s) {
		jobs = append(jobs, map[string]any{"job_name": job, "static_configs": []any{map[string]any{"targets": targets}}})
		if !strings.Contains(string(text), "  - job_name: "+job+"\n") {
			t.Errorf("prometheus.yml collects from no %s", job)
		}
	}
	if found := strings.Count(string(text), "  - job_name: "); found != len(jobs) {
		t.Errorf("prometheus.yml has %d jobs, the stack %d", found, len(jobs))
	}
	c["scrape_configs"] = jobs
	made, err := yaml.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// copies are the admin addresses of every service's processes, by the name of its job.
func copies(t *testing.T, s *stack.Stack) map[string][]string {
	t.Helper()
	processes, err := s.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	jobs := map[string]string{"gateway": "api-gateway", "auth": "auth-service", "notification": "notification-service", "sos": "sos-service"}
	found := map[string][]string{}
	for _, p := range processes {
		kind, _, _ := strings.Cut(p.Name, "-")
		if job, ours := jobs[kind]; ours {
			found[job] = append(found[job], p.MetricsAddr)
		}
	}
	return found
}

// get reads a page of Prometheus's own interface.
func (p prometheus) get(t *testing.T, path string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(page(t, p.url+path)), &struct{ Data any }{into}); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

func page(t *testing.T, url string) string {
	t.Helper()
	answer, err := http.Get(url) //nolint:noctx,gosec // our own
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %v %s", url, answer.Status, err, text)
	}
	return string(text)
}

// finds is how many series the query finds now.
func (p prometheus) finds(t *testing.T, query string) int {
	t.Helper()
	var found struct{ Result []json.RawMessage }
	p.get(t, "/api/v1/query?query="+url.QueryEscape(query), &found)
	return len(found.Result)
}

// eventually asks until the answer is yes; missing says what is still to come.
func eventually(t *testing.T, what string, ask func() bool, missing ...func() string) {
	t.Helper()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(3 * time.Minute); !ask(); <-tick.C {
		if time.Now().After(deadline) {
			for _, m := range missing {
				t.Log(m())
			}
			t.Fatalf("not within three minutes: %s", what)
		}
	}
}
