package notification

import (
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/loveapp/backend/notification/internal/adapters/wsapi"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/logging"
	"github.com/loveapp/backend/shared/metrics"
)

// Config is what an operator decides. A field that is left out has a default
// that works, the secret excepted.
type Config struct {
	config.Infra
	Providers

	MetricsPort int `envconfig:"METRICS_PORT" default:"9402"`
	// MaxSockets is how many sockets this instance holds. A process may have
	// 20,000 descriptors; the rest is for pools, requests and health checks.
	MaxSockets int `envconfig:"WS_MAX_CONNECTIONS" default:"15000"`
	// MaxPerAddress is how many sockets one address may hold, on all instances together.
	MaxPerAddress int `envconfig:"WS_MAX_PER_ADDRESS" default:"1000"`
	// SharedAddresses are CIDRs behind which many people are: each address counts for 50.
	SharedAddresses string `envconfig:"SHARED_ADDRESSES"`
	// SocketDrain is the time over which closing them is spread at the end.
	SocketDrain config.Duration `envconfig:"WS_DRAIN" default:"20s"`

	// KeepSettled and KeepAll are how long inboxes keep what was shown and read, and everything.
	KeepSettled config.Duration `envconfig:"INBOX_KEEP_READ" default:"90d"`
	KeepAll     config.Duration `envconfig:"INBOX_KEEP" default:"400d"`

	// AuditHorizon is how long loss-audit lets a connected device take to acknowledge.
	AuditHorizon config.Duration `envconfig:"LOSS_AUDIT_HORIZON" default:"10m"`

	// Listener is where to serve; nil: a new one on LISTEN_HOST and NOTIFICATION_SERVICE_PORT.
	Listener net.Listener
	// Logger nil writes JSON to the standard output.
	Logger *slog.Logger
	// Metrics given are served by the caller; nil: by the service, on METRICS_PORT.
	Metrics *metrics.Registry
	// Version is what /health says.
	Version string
}

// LoadConfig reads the environment. It judges the form only; New and Migrate judge the rest.
func LoadConfig() (Config, error) {
	var c Config
	err := config.Load(&c)
	return c, err
}

const (
	// mostSockets: each takes a descriptor, and a process may hold 20,000.
	mostSockets = 19_000
	// longestDrain: orchestrators kill what has not stopped by then.
	longestDrain = 30 * time.Second
)

// Validate reports every mistake at once.
func (c Config) Validate() error {
	var m config.Mistakes
	c.CheckInfra(&m)
	c.CheckDatabase(&m)
	if c.MetricsPort < 0 || c.MetricsPort > 65535 {
		m.Add("METRICS_PORT must be a port from 1 to 65535")
	}
	if c.MaxSockets < 0 || c.MaxSockets > mostSockets {
		m.Add("WS_MAX_CONNECTIONS must be from 1 to %d", mostSockets)
	}
	if c.MaxPerAddress < 0 {
		m.Add("WS_MAX_PER_ADDRESS must be at least 1")
	}
	if _, err := config.ParsePrefixes(c.SharedAddresses); err != nil {
		m.Add("SHARED_ADDRESSES %v", err)
	}
	c.providers().check(&m)
	if c.SocketDrain.Std() > longestDrain {
		m.Add("WS_DRAIN must be at most %s", longestDrain)
	}
	c.checkRetention(&m)
	if config.NamesNone(c.AuthServiceHost) {
		m.Add("AUTH_SERVICE_HOST is empty: tokens are checked with auth's keys")
	}
	if config.NamesNone(c.SOSServiceHost) {
		m.Add("SOS_SERVICE_HOST is empty: sos says who may listen to the room of a ticket")
	}
	return m.Err()
}

// checkRetention: the zero value takes the defaults.
func (c Config) checkRetention(m *config.Mistakes) {
	for name, keep := range map[string]time.Duration{"INBOX_KEEP_READ": c.KeepSettled.Std(), "INBOX_KEEP": c.KeepAll.Std()} {
		if keep != 0 && keep < domain.ShortestRetention {
			m.Add("%s must be at least 7d: whoever was away for a week misses nothing", name)
		}
	}
	if c.KeepAll != 0 && c.KeepAll < c.KeepSettled {
		m.Add("INBOX_KEEP must not be shorter than INBOX_KEEP_READ")
	}
}

// withDefaults fills what is not read from the environment.
func (c Config) withDefaults() Config {
	if c.Logger == nil {
		c.Logger = logging.New(os.Stdout, "notification", c.LogLevel)
	}
	if c.Version == "" {
		c.Version = "dev"
	}
	if c.MaxSockets == 0 {
		c.MaxSockets = wsapi.DefaultLimits().Sockets
	}
	if c.SocketDrain == 0 {
		c.SocketDrain = config.Duration(wsapi.DefaultLimits().Drain)
	}
	return c
}

// keyFile keeps auth's public keys for a start while auth is down, where there
// is a folder for data; a container without one asks auth.
func (c Config) keyFile() string {
	if info, err := os.Stat(c.DataDir); err != nil || !info.IsDir() {
		return ""
	}
	return filepath.Join(c.DataDir, "notification-jwks.json")
}
