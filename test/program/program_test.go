package program_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/loveapp/backend/test/program"
	"github.com/loveapp/backend/test/world"
)

var errNothing = errors.New("say what to serve")

func TestMain(m *testing.M) { program.MainOfTests(m, command) }

// command answers every request with its argument.
func command(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 {
		return errNothing
	}
	return program.Serve(ctx, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, args[0]) }), out)
}

func TestAPartOfAProgramIsAProcessThatServes(t *testing.T) {
	t.Parallel()
	err := world.Attempt(t.Context(), func(t world.T) {
		part := program.StartPart(t, "hello")
		url := "http://" + part.Addr
		program.Await(t, "the part", url)
		if said := get(t, url); said != "hello" || part.PID == os.Getpid() {
			t.Errorf("process %d says %q", part.PID, said)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

func get(t world.T, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatalf("%v", err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatalf("%v", err)
	}
	defer func() { _ = res.Body.Close() }()
	said, _ := io.ReadAll(res.Body)
	return string(said)
}

func TestWhatAProgramEndsWithIsItsExitCode(t *testing.T) {
	t.Parallel()
	cmd := program.Self(t)
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Run(); err == nil || !strings.Contains(said.String(), errNothing.Error()) {
		t.Errorf("it ends with %v and says %q", err, said.String())
	}
}

func TestAReportGoesToItsFileOrIsPrinted(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	file := filepath.Join(t.TempDir(), "report.md")
	if err := errors.Join(program.Publish(&out, file, "kept"), program.Publish(&out, "", "printed")); err != nil {
		t.Fatal(err)
	}
	if kept, err := os.ReadFile(file); string(kept) != "kept" || err != nil || out.String() != "printed" {
		t.Errorf("the file has %q (%v), printed is %q", kept, err, out.String())
	}
}
