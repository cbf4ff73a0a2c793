package stack_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/test/load/internal/stack"
)

// program answers like the stack's; folder holds its secrets.
func program(t *testing.T, script, secrets string) (path, folder string) {
	t.Helper()
	folder = t.TempDir()
	path = filepath.Join(folder, "stack")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "secrets.json"), []byte(secrets), 0o600); err != nil {
		t.Fatal(err)
	}
	return path, folder
}

const (
	good = `{"phase":"up","url":"http://127.0.0.1:8080","processes":[{"name":"auth-1","role":"auth","pid":7,"metricsAddr":"127.0.0.1:1","healthy":true}]}`
	keys = `{"jwtSecret":"0123456789abcdef0123456789abcdef"}`
)

func TestTheStackIsReadWithItsSecret(t *testing.T) {
	t.Parallel()
	path, folder := program(t, `test "$1 $2 $3 $4" = "status -json -dir `+"$(dirname $0)"+`" && echo '`+good+`'`, keys)
	s, err := stack.Read(t.Context(), path, folder)
	if err != nil {
		t.Fatal(err)
	}
	if s.URL != "http://127.0.0.1:8080" || len(s.Processes) != 1 || s.Processes[0].PID != 7 || !strings.HasPrefix(s.JWT.Value(), "0123") {
		t.Errorf("the stack is %+v", s)
	}
}

func TestAStackThatCannotBeLoadedIsRefusedInOneSentence(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ script, secrets, want string }{
		"not running":  {`echo "stack: the stack is not running: start it with make stack-up" >&2; exit 1`, keys, "start it with make stack-up"},
		"starting":     {`echo '{"phase":"starting"}'`, keys, "is starting: wait until it is up"},
		"unhealthy":    {`echo '` + strings.Replace(good, `"healthy":true`, `"healthy":false`, 1) + `'`, keys, "auth-1 is not healthy"},
		"gibberish":    {`echo up`, keys, "understand what"},
		"no secret":    {`echo '` + good + `'`, `{}`, "no JWT secret"},
		"a broken one": {`echo '` + good + `'`, `{`, "no JWT secret"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path, folder := program(t, c.script, c.secrets)
			if _, err := stack.Read(t.Context(), path, folder); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("it is read with %v, want %q", err, c.want)
			}
		})
	}
}

func TestProfilesOfAllServicesAreSaved(t *testing.T) {
	t.Parallel()
	l, err := httpserver.Listen(t.Context(), "127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	admin := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(r.URL.String()))
	}))
	_ = admin.Listener.Close()
	admin.Listener = l
	admin.Start()
	t.Cleanup(admin.Close)
	s := stack.Stack{Processes: []stack.Process{{Name: "auth-1", MetricsAddr: l.Addr().String()}, {Name: "redis-1"}}}
	folder := filepath.Join(t.TempDir(), "profiles")
	if err := s.SaveProfiles(t.Context(), folder, 2*time.Second); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(folder, "auth-1.cpu.pprof"))
	if err != nil || string(text) != "/debug/pprof/profile?seconds=2" {
		t.Errorf("the profile holds %q, %v", text, err)
	}
	if files, _ := filepath.Glob(folder + "/*"); len(files) != 1 {
		t.Errorf("saved are %v, want auth's only", files)
	}
}
