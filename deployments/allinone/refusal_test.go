package main_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/loveapp/backend/shared/httpserver"
)

// Every refusal is exit code 1 and one line that says what to do. (Those of the
// folder, the ports and the settings are tested in test/process.)
func TestAStartThatCannotSucceedSaysWhyInOneSentence(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prepare func(t *testing.T, dir string) (settings []string)
		want    []string
	}{
		"the metrics port asked for is taken": {takenMetricsPort, []string{"METRICS_PORT: port ", "is taken", "choose another port"}},
		"LISTEN_HOST is not this machine's":   {otherMachine, []string{"LISTEN_HOST 192.0.2.1 is no address of this machine", "0.0.0.0"}},
		"the secrets kept are damaged":        {damagedSecrets, []string{"secrets.json is damaged", "restore it from a backup"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			p := launch(t, dir, c.prepare(t, dir)...)
			p.refuses(c.want...)
			if pid := postmaster(t, dir); pid != 0 {
				t.Errorf("left PostgreSQL (pid %d) behind", pid)
			}
		})
	}
}

// refuses waits for the end, which must be exit code 1 and one sentence with
// all of want.
func (p *process) refuses(want ...string) {
	p.t.Helper()
	if code := p.exit(); code != 1 {
		p.t.Errorf("exit code %d, want 1", code)
	}
	for _, w := range want {
		if !strings.Contains(p.stderr(), w) {
			p.t.Errorf("%q does not say %q", p.stderr(), w)
		}
	}
	if lines := complaints(p.stderr()); len(lines) != 1 {
		p.t.Errorf("%d lines, want one: %s", len(lines), p.stderr())
	}
	if p.stdout() != "" {
		p.t.Errorf("printed %s", p.stdout())
	}
}

// complaints are the lines of the error, without those of the log.
func complaints(stderr string) []string {
	var lines []string
	for line := range strings.Lines(stderr) {
		if !strings.HasPrefix(line, "{") {
			lines = append(lines, line)
		}
	}
	return lines
}

func takenMetricsPort(t *testing.T, _ string) []string {
	t.Helper()
	l, err := httpserver.Listen(t.Context(), "127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return []string{fmt.Sprintf("METRICS_PORT=%d", l.Addr().(*net.TCPAddr).Port)}
}

// otherMachine: TEST-NET-1 belongs to nobody (RFC 5737).
func otherMachine(*testing.T, string) []string { return []string{"LISTEN_HOST=192.0.2.1"} }

func damagedSecrets(t *testing.T, dir string) []string {
	t.Helper()
	path := filepath.Join(dir, "data", "secrets.json")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(`{"jwtSecret":`), 0o600); err != nil {
		t.Fatal(err)
	}
	return nil
}
