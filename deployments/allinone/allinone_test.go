package main_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestTheBannersCommandsWorkAsPasted(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	lines := p.commands()
	if len(lines) != 3 {
		t.Fatalf("%d lines with curl, want 3:\n%s", len(lines), p.stdout())
	}
	printed := paste(t, lines)
	if token := strings.TrimSpace(printed[0]); strings.Count(token, ".") != 2 || strings.ContainsAny(token, `{" `) {
		t.Errorf("login printed %q, want a token", token)
	}
	var drill struct {
		Ticket struct {
			ID    string
			Drill bool
		}
	}
	decode(t, printed[1], &drill)
	if drill.Ticket.ID == "" || !drill.Ticket.Drill {
		t.Errorf("the drill printed %s", printed[1])
	}
	var health struct{ Status string }
	decode(t, printed[2], &health)
	if health.Status != "ok" {
		t.Errorf("health printed %s", printed[2])
	}
	p.stop()
}

func TestDataAccountAndTokensSurviveARestartAndAKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, dir)
	printed := paste(t, p.commands())
	token := strings.TrimSpace(printed[0])
	account := demoAccount(t, p)
	p.stop()
	if pid := postmaster(t, dir); pid != 0 {
		t.Errorf("PostgreSQL (pid %d) still runs after the end", pid)
	}

	p = start(t, dir)
	p.signal(syscall.SIGKILL)
	<-p.done
	awaitNoPostmaster(t, dir)

	p = start(t, dir)
	if again := demoAccount(t, p); again != account {
		t.Errorf("the account is %q, was %q", again, account)
	}
	if status := profile(t, p.url(), token); status != http.StatusOK {
		t.Errorf("the token of the first run: %d, want 200", status)
	}
	var first, now struct{ Ticket struct{ ID string } }
	decode(t, printed[1], &first)
	decode(t, paste(t, p.commands())[1], &now) // the same Idempotency-Key
	if first.Ticket.ID == "" || now.Ticket.ID != first.Ticket.ID {
		t.Errorf("the ticket is %q, was %q", now.Ticket.ID, first.Ticket.ID)
	}
	p.stop()
}

func TestWhatIsKeptSecretIsReadableByItsOwnerOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	start(t, dir).stop()
	for _, name := range []string{"secrets.json", "demo.json"} {
		info, err := os.Stat(filepath.Join(dir, "data", name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v, want 0600", name, info.Mode(), err)
		}
	}
}

func TestATakenServicePortMovesUnlessItWasAskedFor(t *testing.T) {
	t.Parallel()
	first := start(t, t.TempDir())
	second := start(t, t.TempDir()) // 3001 to 3003 and 9400 are the first one's, or somebody else's
	for _, p := range []*process{first, second} {
		res, err := http.Get(p.url() + "/health/services")
		if err != nil {
			t.Fatal(err)
		}
		if res.StatusCode != http.StatusOK {
			t.Errorf("services of %s: %d, want 200", p.url(), res.StatusCode)
		}
		_ = res.Body.Close()
	}
	first.stop()
	second.stop()
}

func TestASecondCtrlCQuitsAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, dir)
	hold := holdARequest(t, p.url())
	p.signal(os.Interrupt)
	p.await("the word that it drains", func() bool { return strings.Contains(p.stderr(), "Ctrl-C again quits at once") })
	p.signal(os.Interrupt)
	if code := p.exit(); code != 130 {
		t.Errorf("exit code %d, want 130", code)
	}
	_ = hold.Close()
	awaitNoPostmaster(t, dir)
}

func TestWithoutItsDatabaseTheProcessEndsWithAnError(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, dir)
	if err := syscall.Kill(postmaster(t, dir), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if code := p.exit(); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	if !strings.Contains(p.stderr(), "PostgreSQL ended by itself") {
		t.Errorf("stderr does not say why: %s", p.stderr())
	}
	start(t, dir).stop() // and comes back
}

func TestStoppedWhileStartingItLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := launch(t, dir)
	awaitFile(t, filepath.Join(dir, "data", "postgres")) // the cluster is being made
	p.signal(syscall.SIGTERM)
	if code := p.exit(); code != 0 {
		t.Errorf("exit code %d, want 0\nstderr: %s", code, p.stderr())
	}
	awaitNoPostmaster(t, dir)
	start(t, dir).stop()
}

func demoAccount(t *testing.T, p *process) string {
	t.Helper()
	_, rest, found := strings.Cut(p.stdout(), "Demo account")
	if !found {
		t.Fatalf("no demo account in %s", p.stdout())
	}
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(line)
}

func profile(t *testing.T, url, token string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/v1/auth/profile", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}

func decode(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%v in %q", err, text)
	}
}

func awaitNoPostmaster(t *testing.T, dir string) {
	t.Helper()
	eventually(t, "PostgreSQL still runs", func() bool { return postmaster(t, dir) == 0 })
}

func awaitFile(t *testing.T, path string) {
	t.Helper()
	eventually(t, path+" is not there", func() bool { _, err := os.Stat(path); return err == nil })
}

func eventually(t *testing.T, complaint string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	timeout := time.After(patience)
	for !done() {
		select {
		case <-tick.C:
		case <-timeout:
			t.Fatalf("%s after %s", complaint, patience)
		}
	}
}
