package process_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/loveapp/backend/shared/freeport"
	"github.com/loveapp/backend/test/world"
)

// nobody is an unprivileged user on any Unix.
const nobody = 65534

// oneSentence fails unless the complaint is one line that says what is wrong
// and what to do: all of the parts, and nothing that only a programmer reads.
func oneSentence(t *testing.T, said string, parts ...string) {
	t.Helper()
	complaint := withoutLog(said)
	if lines := strings.Count(strings.TrimSpace(complaint), "\n") + 1; lines != 1 {
		t.Errorf("the complaint has %d lines, want one sentence:\n%s", lines, complaint)
	}
	wantParts(t, complaint, parts...)
}

// withoutLog drops what is for the log and not for whoever started the program.
func withoutLog(said string) string {
	var lines []string
	for line := range strings.Lines(said) {
		if !strings.HasPrefix(line, "{") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

func wantParts(t *testing.T, complaint string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(complaint, part) {
			t.Errorf("the complaint lacks %q:\n%s", part, complaint)
		}
	}
	for _, noise := range []string{"goroutine ", "panic", ".go:", "%!", "usage:"} {
		if strings.Contains(complaint, noise) {
			t.Errorf("the complaint holds %q:\n%s", noise, complaint)
		}
	}
}

func TestASecondStartOnTheSameFolderIsRefused(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	first := h.start(t)
	other := newHome(t)
	other.dir = h.dir
	oneSentence(t, other.refusal(t, nil), h.dir, "in use", strconv.Itoa(first.cmd.Process.Pid), "choose another folder")
	world.At(t, h.url()).Register("Ada") // the first one goes on
	first.stop()
}

func TestATakenPortIsRefused(t *testing.T) {
	t.Parallel()
	for _, variable := range []string{"PORT", "SOS_SERVICE_PORT"} {
		t.Run(variable, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", h.ports[variable]))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = l.Close() })
			oneSentence(t, h.refusal(t, nil), variable, strconv.Itoa(h.ports[variable]), "taken", "choose another port")
		})
	}
}

func TestAFolderThatCannotBeWrittenIsRefused(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	if err := os.Mkdir(h.dir, 0o500); err != nil {
		t.Fatal(err)
	}
	for dir := filepath.Dir(h.dir); dir != filepath.Clean(os.TempDir()); dir = filepath.Dir(dir) { // others may look in, not write
		if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // holds nothing
			t.Fatal(err)
		}
	}
	oneSentence(t, h.refusal(t, asNobody), h.dir, "not writable")
}

// asNobody: root may write anywhere, so the program runs as somebody who may not.
func asNobody(cmd *exec.Cmd) {
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
}

func TestAFolderThatCannotBeMadeIsRefused(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	if err := os.WriteFile(h.dir, []byte("a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.dir = filepath.Join(h.dir, "below")
	oneSentence(t, h.refusal(t, nil), h.dir, "cannot be made")
}

func TestDataOfAnotherPostgreSQLIsRefused(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.start(t).stop()
	version := filepath.Join(h.dir, "postgres", "cluster", "PG_VERSION")
	written, err := os.ReadFile(version)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(version, []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	oneSentence(t, h.refusal(t, nil), "PostgreSQL 9", "has "+strings.TrimSpace(string(written)), "PG_BIN", "pg_dumpall")

	if err := os.WriteFile(version, written, 0o600); err != nil {
		t.Fatal(err)
	}
	h.start(t).stop() // nothing was touched
}

func TestNoPostgreSQLIsRefused(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	nowhere := t.TempDir()
	h.env = []string{"PG_BIN=" + nowhere, "PATH=" + nowhere}
	oneSentence(t, h.refusal(t, nil), "PG_BIN", nowhere, "initdb")
}

func TestAServerThatDoesNotAnswerIsRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		env   string
		parts []string
	}{
		"PostgreSQL": {"DATABASE_", []string{"PostgreSQL", "DATABASE_HOST"}},
		"Redis":      {"REDIS_", []string{"Redis", "REDIS_HOST"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.env = []string{tt.env + "HOST=127.0.0.1", fmt.Sprintf("%sPORT=%d", tt.env, freeport.Reserve(t))}
			oneSentence(t, h.refusal(t, nil), tt.parts...)
		})
	}
}

func TestEveryMistakeOfTheConfigurationIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	const secret = "far-too-short"
	h.env = []string{"JWT_EXPIRES_IN=soon", "REDIS_TLS=perhaps", "DATABASE_PORT=x" + secret}
	complaint := h.refusal(t, nil)
	wantParts(t, complaint, "JWT_EXPIRES_IN", "REDIS_TLS", "DATABASE_PORT")
	if strings.Contains(complaint, secret) {
		t.Errorf("the complaint repeats the value:\n%s", complaint)
	}
	h.env = []string{"JWT_SECRET=" + secret, "INTERNAL_SECRET=your-super-secure-secret", "PUBLIC_URL=nowhere"}
	complaint = h.refusal(t, nil)
	wantParts(t, complaint, "JWT_SECRET", "INTERNAL_SECRET", "PUBLIC_URL", "openssl rand")
	if strings.Contains(complaint, secret) {
		t.Errorf("the complaint repeats the secret:\n%s", complaint)
	}
}

func TestArgumentsAreRefused(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	oneSentence(t, h.refusal(t, func(cmd *exec.Cmd) { cmd.Args = append(cmd.Args, "serve") }), "no arguments")
}
