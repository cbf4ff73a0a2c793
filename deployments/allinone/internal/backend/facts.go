package backend

import (
	"fmt"
	"net"
	"path/filepath"
	"runtime/debug"

	"github.com/loveapp/backend/deployments/allinone/internal/banner"
)

// Facts are what the banner shows.
func (b *Backend) Facts() banner.Facts {
	f := banner.Facts{
		URL:        b.gatewayURL(),
		Metrics:    "http://" + b.doors.Admin.Addr().String() + "/metrics",
		DataDir:    b.settings.DataDir,
		PostgreSQL: b.settings.DatabaseHost,
		Redis:      b.settings.RedisHost,
	}
	if dir, err := filepath.Abs(f.DataDir); err == nil {
		f.DataDir = dir
	}
	if b.data.postgres != nil {
		f.PostgreSQL = fmt.Sprintf("%s, private; user %s, database %s, password in %s",
			b.data.postgres.HostPort().Addr(), b.data.postgres.Username(), b.settings.Auth.DatabaseName, filepath.Join(f.DataDir, "postgres", "password"))
	}
	if b.data.redis != nil {
		f.Redis = b.data.redis.Addr().Addr() + ", private"
		if b.data.redis.InProcess() {
			f.Redis = "a stand-in inside this process, because redis-server is not installed"
		}
	}
	if b.demo != nil {
		f.Email, f.Password = b.demo.Email, b.demo.Password
	}
	return f
}

// gatewayURL says localhost where that is what LISTEN_HOST comes down to.
func (b *Backend) gatewayURL() string {
	addr := b.doors.Gateway.Addr().(*net.TCPAddr) //nolint:forcetypeassert // Listen opens TCP only
	if addr.IP.IsLoopback() || addr.IP.IsUnspecified() {
		return fmt.Sprintf("http://localhost:%d", addr.Port)
	}
	return "http://" + addr.String()
}

// version is what the build was made from, as the go command stamps it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "dev"
	}
	return info.Main.Version
}
