package process_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// services are the programs that run one service each, by name.
func services() []string { return []string{"auth", "notification", "sos", "gateway"} }

// Secrets as openssl rand -hex 32 makes them.
const (
	goodSecret  = "6f1d2c3b4a59687776655443322110ffeeddccbbaa99887766554433221100fe"
	otherSecret = "a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90"
)

// configured are the settings of a service that starts; later ones win.
func configured(more ...string) []string {
	return append([]string{"INTERNAL_SECRET=" + goodSecret, "JWT_SECRET=" + otherSecret}, more...)
}

// command is the service with these settings and no others.
func command(ctx context.Context, service string, settings []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(filepath.Dir(program), service))
	cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "LISTEN_HOST=127.0.0.1", "PORT=0", "METRICS_PORT=0",
		"AUTH_SERVICE_PORT=0", "NOTIFICATION_SERVICE_PORT=0", "SOS_SERVICE_PORT=0",
	}, settings...)
	cmd.Dir = os.TempDir()
	return cmd
}

// refused starts the service where it cannot run and gives what it says on stderr.
func refused(t *testing.T, service string, settings []string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var complaint bytes.Buffer
	cmd := command(ctx, service, settings)
	cmd.Stderr = &complaint
	err := cmd.Run()
	if ended, ok := errors.AsType[*exec.ExitError](err); !ok || ended.ExitCode() != 1 {
		t.Fatalf("%s ends with %v, want exit code 1:\n%s", service, err, complaint.String())
	}
	wantParts(t, complaint.String())
	return complaint.String()
}

// mistake is a setting that is wrong, and what is said of it in one sentence.
type mistake struct {
	settings []string
	said     []string
}

// mistakesOf are those of every service and those of this one alone.
func mistakesOf(t *testing.T, service string) map[string]mistake {
	t.Helper()
	all := map[string]mistake{
		"no secret":           {[]string{"INTERNAL_SECRET="}, []string{"INTERNAL_SECRET is not set", "openssl rand -hex 32"}},
		"a short secret":      {[]string{"INTERNAL_SECRET=hunter2"}, []string{"INTERNAL_SECRET has 7 bytes", "at least 32"}},
		"an example":          {[]string{"INTERNAL_SECRET=your-super-secure-secret-of-at-least-32-bytes"}, []string{"INTERNAL_SECRET is an example"}},
		"a short earlier one": {[]string{"INTERNAL_SECRET_PREVIOUS=hunter2"}, []string{"INTERNAL_SECRET_PREVIOUS has 7 bytes"}},
		"no Redis":            {[]string{"REDIS_HOST= , "}, []string{"REDIS_HOST is empty"}},
		"no such authority":   {[]string{"REDIS_TLS_CA=/nowhere/hunter2.pem"}, []string{"REDIS_TLS_CA names no file that can be read", "no such file"}},
		"a URL for a host":    {[]string{"AUTH_SERVICE_HOST=http://auth"}, []string{"AUTH_SERVICE_HOST must be a host"}},
		"another's address":   {[]string{"LISTEN_HOST=192.0.2.1"}, []string{"LISTEN_HOST 192.0.2.1 is no address of this machine", "0.0.0.0"}},
	}
	if service != "gateway" {
		all["no database"] = mistake{[]string{"DATABASE_HOST="}, []string{"DATABASE_HOST is empty"}}
		all["a folder of authorities"] = mistake{[]string{"DATABASE_SSLROOTCERT=" + unreadable(t)}, []string{"DATABASE_SSLROOTCERT names no file that can be read"}}
		all["no such TLS"] = mistake{[]string{"DATABASE_SSLMODE=sometimes"}, []string{"DATABASE_SSLMODE must be one of", "verify-full"}}
	}
	switch service {
	case "auth":
		all["no signing secret"] = mistake{[]string{"JWT_SECRET="}, []string{"JWT_SECRET is not set"}}
		all["an example signs"] = mistake{[]string{"JWT_SECRET=your-super-secure-secret"}, []string{"JWT_SECRET is an example"}}
		all["a short next one"] = mistake{[]string{"JWT_SECRET_NEXT=hunter2"}, []string{"JWT_SECRET_NEXT has 7 bytes"}}
	case "notification":
		hidden := unreadable(t)
		all["no FCM file"] = mistake{[]string{"FCM_SERVICE_ACCOUNT=/nowhere/hunter2.json"}, []string{"FCM_SERVICE_ACCOUNT cannot be used", "no such file"}}
		all["an APNs file that cannot be read"] = mistake{
			[]string{"APNS_KEY_ID=k", "APNS_TEAM_ID=t", "APNS_TOPIC=org.example", "APNS_KEY=" + hidden}, []string{"APNS_KEY is neither", "file that can be read"},
		}
	}
	return all
}

// unreadable is a path that nobody can read a file from, root neither: a folder.
func unreadable(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hunter2.p8")
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAServiceSaysInOneSentenceWhyItCannotStart(t *testing.T) {
	t.Parallel()
	for _, service := range services() {
		for name, wrong := range mistakesOf(t, service) {
			t.Run(service+"/"+name, func(t *testing.T) {
				t.Parallel()
				complaint := refused(t, service, configured(wrong.settings...))
				oneSentence(t, complaint, wrong.said...)
				wantNoValue(t, complaint)
			})
		}
	}
}

func TestAServiceNamesEveryMistakeAtOnce(t *testing.T) {
	t.Parallel()
	for _, service := range services() {
		t.Run(service, func(t *testing.T) {
			t.Parallel()
			var settings, variables []string
			for name, wrong := range mistakesOf(t, service) {
				if strings.HasPrefix(name, "another's") { // is found where it listens, which it does not with mistakes
					continue
				}
				settings = append(settings, wrong.settings...)
				variable, _, _ := strings.Cut(wrong.settings[len(wrong.settings)-1], "=")
				variables = append(variables, variable)
			}
			settings = append(settings, "REDIS_PORT=many", "JWT_EXPIRES_IN=hunter2")
			complaint := refused(t, service, configured(settings...))
			wantParts(t, complaint, append(variables, "REDIS_PORT", "JWT_EXPIRES_IN")...)
			wantNoValue(t, complaint)
		})
	}
}

// wantNoValue: what was given may be a secret in the wrong place.
func wantNoValue(t *testing.T, complaint string) {
	t.Helper()
	if strings.Contains(complaint, "hunter2") || strings.Contains(complaint, "your-super") {
		t.Errorf("the complaint repeats a value:\n%s", complaint)
	}
}
