package main_test

import (
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/loveapp/backend/shared/httpserver"
)

// Every refusal is exit code 1 and one line that says what to do.
func TestAStartThatCannotSucceedSaysWhyInOneSentence(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prepare func(t *testing.T, dir string) (settings []string)
		want    []string
	}{
		"the gateway's port is taken":          {takenPort("PORT"), []string{"PORT: port ", "is taken", "choose another port"}},
		"a service's port asked for is taken":  {takenPort("AUTH_SERVICE_PORT"), []string{"AUTH_SERVICE_PORT: port ", "is taken"}},
		"the metrics port asked for is taken":  {takenPort("METRICS_PORT"), []string{"METRICS_PORT: port ", "is taken"}},
		"the data folder cannot be made":       {fixed("DATA_DIR=/proc/nowhere"), []string{"data folder /proc/nowhere cannot be made", "give a folder"}},
		"there is no PostgreSQL":               {fixed("PG_BIN=/nowhere"), []string{"PG_BIN is /nowhere", "name the folder"}},
		"the data is of another PostgreSQL":    {foreignMajor, []string{"was written by PostgreSQL 9", "set PG_BIN"}},
		"the database given does not answer":   {fixed("DATABASE_HOST=127.0.0.1", "DATABASE_PORT=1"), []string{"PostgreSQL at 127.0.0.1:1 cannot be used", "unset DATABASE_HOST"}},
		"the Redis given does not answer":      {fixed("REDIS_HOST=127.0.0.1", "REDIS_PORT=1"), []string{"Redis at 127.0.0.1:1 cannot be used", "unset REDIS_HOST"}},
		"the secrets kept are damaged":         {damagedSecrets, []string{"secrets.json is damaged", "restore it from a backup"}},
		"a secret given is too short":          {fixed("JWT_SECRET=short"), []string{"JWT_SECRET has 5 bytes", "openssl rand -hex 32"}},
		"a secret given is of a documentation": {fixed("JWT_SECRET=your-super-secure-secret"), []string{"JWT_SECRET is an example"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			p := launch(t, dir, c.prepare(t, dir)...)
			if code := p.exit(); code != 1 {
				t.Errorf("exit code %d, want 1", code)
			}
			for _, want := range c.want {
				if !strings.Contains(p.stderr(), want) {
					t.Errorf("%q does not say %q", p.stderr(), want)
				}
			}
			if lines := complaints(p.stderr()); len(lines) != 1 && !strings.Contains(name, "secret given") {
				t.Errorf("%d lines, want one: %s", len(lines), p.stderr())
			}
			if p.stdout() != "" {
				t.Errorf("printed %s", p.stdout())
			}
			if pid := postmaster(t, dir); pid != 0 {
				t.Errorf("left PostgreSQL (pid %d) behind", pid)
			}
		})
	}
}

func TestASecondStartOnTheFolderSaysWhoHasIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := start(t, dir)
	second := launch(t, dir)
	if code := second.exit(); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	if want := fmt.Sprintf("is in use by another process (pid %d)", first.cmd.Process.Pid); !strings.Contains(second.stderr(), want) {
		t.Errorf("%q does not say %q", second.stderr(), want)
	}
	first.stop()
}

func TestEveryMistakeInTheSettingsIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := launch(t, dir, "PORT=many", "JWT_EXPIRES_IN=soon", "JWT_SECRET=short", "PUBLIC_URL=here", "REDIS_PORT=-1")
	if code := p.exit(); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	for _, name := range []string{"PORT", "JWT_EXPIRES_IN", "JWT_SECRET", "PUBLIC_URL", "REDIS_PORT"} {
		if n := strings.Count(p.stderr(), "  - "+name+" "); n != 1 {
			t.Errorf("%s is named %d times, want once: %s", name, n, p.stderr())
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "data")); !os.IsNotExist(err) {
		t.Errorf("a data folder was made all the same (%v)", err)
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

type preparation = func(t *testing.T, dir string) []string

func fixed(settings ...string) preparation {
	return func(*testing.T, string) []string { return settings }
}

func takenPort(variable string) preparation {
	return func(t *testing.T, _ string) []string {
		t.Helper()
		l := listen(t)
		t.Cleanup(func() { _ = l.Close() })
		return []string{fmt.Sprintf("%s=%d", variable, l.Addr().(*net.TCPAddr).Port)}
	}
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := httpserver.Listen(t.Context(), "127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func foreignMajor(t *testing.T, dir string) []string {
	t.Helper()
	write(t, filepath.Join(dir, "data", "postgres", "cluster", "PG_VERSION"), "9\n")
	return nil
}

func damagedSecrets(t *testing.T, dir string) []string {
	t.Helper()
	write(t, filepath.Join(dir, "data", "secrets.json"), `{"jwtSecret":`)
	return nil
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// holdARequest sends the head of a request and the first byte of its body.
func holdARequest(t *testing.T, base string) io.Closer {
	t.Helper()
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", "127.0.0.1:"+u.Port())
	if err != nil {
		t.Fatal(err)
	}
	_, err = fmt.Fprint(conn, "POST /v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
	if err != nil {
		t.Fatal(err)
	}
	return conn
}
