//nolint:paralleltest // the environment belongs to the whole process
package settings_test

import (
	"net"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/loveapp/backend/deployments/allinone/internal/settings"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/httpserver"
)

// environment sets exactly these variables of those that are read here.
func environment(t *testing.T, set map[string]string) {
	t.Helper()
	for _, name := range []string{
		"PORT", "LISTEN_HOST", "METRICS_PORT", "DATA_DIR", "LOG_LEVEL", "PUBLIC_URL", "DATABASE_HOST", "REDIS_HOST", "JWT_SECRET", "INTERNAL_SECRET",
		"AUTH_SERVICE_HOST", "AUTH_SERVICE_PORT", "NOTIFICATION_SERVICE_HOST", "NOTIFICATION_SERVICE_PORT", "SOS_SERVICE_HOST", "SOS_SERVICE_PORT",
	} {
		t.Setenv(name, "") // so that it is put back
		if err := os.Unsetenv(name); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range set {
		t.Setenv(name, value)
	}
}

func load(t *testing.T) *settings.Settings {
	t.Helper()
	s, err := settings.Load()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAnEmptyEnvironmentIsEnough(t *testing.T) {
	environment(t, nil)
	s := load(t)
	if s.DatabaseHost != "" || s.RedisHost != "" || s.ListenHost != settings.Loopback || s.Port != 3000 || s.LogLevel != "warn" {
		t.Fatalf("loaded host %q, port %d, database %q, Redis %q, log level %q", s.ListenHost, s.Port, s.DatabaseHost, s.RedisHost, s.LogLevel)
	}
}

func TestServicesStayOnLoopbackWhateverTheEnvironmentSays(t *testing.T) {
	environment(t, map[string]string{"LISTEN_HOST": "0.0.0.0", "AUTH_SERVICE_HOST": "auth-service", "PORT": "0"})
	s := load(t)
	doors := open(t, s)
	for name, l := range map[string]net.Listener{"auth": doors.Auth, "notification": doors.Notification, "sos": doors.SOS, "metrics": doors.Admin} {
		if !l.Addr().(*net.TCPAddr).IP.IsLoopback() {
			t.Errorf("%s listens on %s", name, l.Addr())
		}
	}
	if !doors.Gateway.Addr().(*net.TCPAddr).IP.IsUnspecified() {
		t.Errorf("the gateway listens on %s", doors.Gateway.Addr())
	}
	if want := "http://" + doors.Auth.Addr().String(); s.Gateway.AuthURLs()[0] != want || len(s.Gateway.AuthURLs()) != 1 {
		t.Errorf("the gateway looks for auth at %v, want %s", s.Gateway.AuthURLs(), want)
	}
}

func TestATakenPortMovesOnlyWhereNobodyAskedForIt(t *testing.T) {
	taken, err := httpserver.Listen(t.Context(), settings.Loopback, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	port := taken.Addr().(*net.TCPAddr).Port

	environment(t, map[string]string{"PORT": "0"})
	s := load(t)
	s.Each(func(c *config.Infra) { c.SOSServicePort = port }) // as if it were the default
	if doors := open(t, s); doors.SOS.Addr().(*net.TCPAddr).Port == port {
		t.Errorf("the sos service listens on a taken port")
	}

	environment(t, map[string]string{"PORT": "0", "SOS_SERVICE_PORT": strconv.Itoa(port)})
	if _, err := load(t).Open(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "SOS_SERVICE_PORT: ") {
		t.Errorf("Open() = %v", err)
	}
}

func TestThePublicURLFollowsThePortUnlessItIsSet(t *testing.T) {
	environment(t, map[string]string{"PORT": "0"})
	s := load(t)
	doors := open(t, s)
	_, port, _ := net.SplitHostPort(doors.Gateway.Addr().String())
	if want := "http://localhost:" + port; s.SOS.PublicURL != want {
		t.Errorf("PUBLIC_URL is %s, want %s", s.SOS.PublicURL, want)
	}
	environment(t, map[string]string{"PORT": "0", "PUBLIC_URL": "https://love.example"})
	s = load(t)
	open(t, s)
	if s.SOS.PublicURL != "https://love.example" {
		t.Errorf("PUBLIC_URL is %s", s.SOS.PublicURL)
	}
}

func TestSecretsThatAreMadeAreKeptAndGivenOnesWin(t *testing.T) {
	environment(t, nil)
	dir := t.TempDir()
	first, err := settings.KeptSecrets(dir)
	if err != nil {
		t.Fatal(err)
	}
	again, err := settings.KeptSecrets(dir)
	if err != nil || again != first || len(first.JWT) < 64 || first.JWT == first.Internal {
		t.Fatalf("kept differently (%v): %d and %d characters", err, len(first.JWT), len(first.Internal))
	}
	const given = "a-secret-of-mine-that-is-long-enough-0123"
	environment(t, map[string]string{"JWT_SECRET": given})
	s := load(t)
	s.UseSecrets(first)
	if s.Auth.JWTSecret.Value() != given || s.SOS.InternalSecret.Value() != first.Internal {
		t.Error("not the given JWT_SECRET and the kept INTERNAL_SECRET")
	}
}

func open(t *testing.T, s *settings.Settings) settings.Doors {
	t.Helper()
	doors, err := s.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := doors.Close(); err != nil {
			t.Error(err)
		}
	})
	return doors
}
