package gateway

import (
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strings"

	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/logging"
	"github.com/loveapp/backend/shared/metrics"
)

// Config is what an operator decides. A field that is left out has a default
// that works, INTERNAL_SECRET excepted.
type Config struct {
	config.Infra

	Port        int `envconfig:"PORT" default:"3000"`
	MetricsPort int `envconfig:"METRICS_PORT" default:"9400"`

	// The limits are written count/window:burst; off or nothing switches one off.
	// Three windows count all of a client's requests together.
	RateLimitShort  string `envconfig:"RATE_LIMIT_SHORT" default:"100/1m"`
	RateLimitMedium string `envconfig:"RATE_LIMIT_MEDIUM" default:"500/10m"`
	RateLimitLong   string `envconfig:"RATE_LIMIT_LONG" default:"2000/1h"`
	// Each kind of route has a bucket beside them; opening sockets and streams has only RATE_LIMIT_GENERAL's.
	RateLimitGeneral string `envconfig:"RATE_LIMIT_GENERAL" default:"50/1s:100"`
	RateLimitAuth    string `envconfig:"RATE_LIMIT_AUTH" default:"10/1s:20"`
	RateLimitSOS     string `envconfig:"RATE_LIMIT_SOS" default:"5/1s:10"`
	// RateLimitUrgent is for what follows an alarm: a location each second, cancel,
	// acknowledge, resolve. No window counts these.
	RateLimitUrgent string `envconfig:"RATE_LIMIT_URGENT" default:"50/1s:500"`
	// RateLimitInstance is how much this gateway takes on from all clients together, SOS excepted;
	// what is over it is answered 503 before anything else looks at it.
	RateLimitInstance string `envconfig:"RATE_LIMIT_INSTANCE" default:"20000/1s:20000"`
	// SharedAddresses are CIDRs behind which many people are: each address counts for 50.
	SharedAddresses string `envconfig:"SHARED_ADDRESSES"`
	// GatewayInstances is how many gateways divide the limits among themselves while Redis is away.
	GatewayInstances int `envconfig:"GATEWAY_INSTANCES" default:"1"`

	// CORSOrigins are the web pages that may call from a browser, such as https://app.example.org.
	CORSOrigins string `envconfig:"CORS_ORIGINS"`
	// MaxInFlight requests are served at the same time; a tenth is kept for SOS, another for signing in.
	MaxInFlight int `envconfig:"MAX_IN_FLIGHT" default:"2048"`
	// MaxTunnels WebSockets are held; each needs two descriptors.
	MaxTunnels int `envconfig:"MAX_TUNNELS" default:"9000"`
	// MaxTunnelsPerUser and MaxTunnelsPerAddress are how many WebSockets and
	// streams one may hold here; 0 = no limit. Notification's own limits, 10 and
	// 1,000 over all instances, come first and are told in its clients' words.
	MaxTunnelsPerUser    int `envconfig:"MAX_TUNNELS_PER_USER" default:"30"`
	MaxTunnelsPerAddress int `envconfig:"MAX_TUNNELS_PER_ADDRESS" default:"2000"`
	// DrainGrace is how long to go on accepting after readiness has ended, for balancers to notice.
	DrainGrace config.Duration `envconfig:"DRAIN_GRACE" default:"0s"`

	// LegacyHost is the monolith, host:port (80) or a list of them, while a migration goes on: what the table
	// does not route goes there. "" = 404.
	LegacyHost string `envconfig:"LEGACY_HOST"`

	// Listener is where to serve; nil: a new one on LISTEN_HOST and PORT.
	Listener net.Listener
	// Logger nil writes JSON to LogTo, below warnings many lines at a time.
	Logger *slog.Logger
	// LogTo nil is the standard output.
	LogTo io.Writer
	// Metrics given are served by the caller; nil: by the gateway, on METRICS_PORT.
	Metrics *metrics.Registry
	// Version is what /health says.
	Version string
}

// LoadConfig reads the environment. It judges the form only; New judges the rest.
func LoadConfig() (Config, error) {
	var c Config
	err := config.Load(&c)
	return c, err
}

// Validate reports every mistake at once.
func (c Config) Validate() error {
	var m config.Mistakes
	c.CheckInfra(&m)
	for name, port := range map[string]int{"PORT": c.Port, "METRICS_PORT": c.MetricsPort} {
		if port < 0 || port > 65535 {
			m.Add("%s must be a port from 1 to 65535", name)
		}
	}
	for name, n := range map[string]int{"GATEWAY_INSTANCES": c.GatewayInstances, "MAX_IN_FLIGHT": c.MaxInFlight, "MAX_TUNNELS": c.MaxTunnels} {
		if n < 1 {
			m.Add("%s must be at least 1", name)
		}
	}
	for name, n := range map[string]int{"MAX_TUNNELS_PER_USER": c.MaxTunnelsPerUser, "MAX_TUNNELS_PER_ADDRESS": c.MaxTunnelsPerAddress} {
		if n < 0 {
			m.Add("%s must be at least 1, or 0 for no limit", name)
		}
	}
	if _, err := config.ParsePrefixes(c.SharedAddresses); err != nil {
		m.Add("SHARED_ADDRESSES %v", err)
	}
	c.checkLegacy(&m)
	for _, origin := range c.origins() {
		if !isOrigin(origin) {
			m.Add("CORS_ORIGINS must be a comma-separated list of origins such as https://app.example.org, without a path and without wildcards")
		}
	}
	c.limits(&m)
	c.ceiling(&m)
	return m.Err()
}

func (c Config) origins() []string {
	var origins []string
	for o := range strings.SplitSeq(c.CORSOrigins, ",") {
		if o = strings.TrimSpace(o); o != "" {
			origins = append(origins, o)
		}
	}
	return origins
}

func isOrigin(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && !strings.Contains(s, "*") && (u.Scheme == "http" || u.Scheme == "https") && s == u.Scheme+"://"+u.Host
}

func readLimit(m *config.Mistakes, variable, name, text string) domain.Limit {
	l, err := domain.ParseLimit(name, text)
	if err != nil {
		m.Add("%s %v", variable, err)
	}
	return l
}

func (c Config) ceiling(m *config.Mistakes) domain.Limit {
	return readLimit(m, "RATE_LIMIT_INSTANCE", "instance", c.RateLimitInstance)
}

// limits notes what is wrong with them.
func (c Config) limits(m *config.Mistakes) domain.Limits {
	read := func(variable, name, text string) domain.Limit { return readLimit(m, variable, name, text) }
	window := func(variable, name, text string) domain.Limit {
		l := read(variable, name, text)
		if l.Burst != l.Count {
			m.Add("%s counts a window, which has no burst: leave it out", variable)
		}
		return l
	}
	return domain.Limits{
		Short:       window("RATE_LIMIT_SHORT", "short", c.RateLimitShort),
		Medium:      window("RATE_LIMIT_MEDIUM", "medium", c.RateLimitMedium),
		Long:        window("RATE_LIMIT_LONG", "long", c.RateLimitLong),
		General:     read("RATE_LIMIT_GENERAL", "general", c.RateLimitGeneral),
		Stream:      read("RATE_LIMIT_GENERAL", "stream", c.RateLimitGeneral),
		Credentials: read("RATE_LIMIT_AUTH", "auth", c.RateLimitAuth),
		Assistance:  read("RATE_LIMIT_SOS", "sos", c.RateLimitSOS),
		Urgent:      read("RATE_LIMIT_URGENT", "urgent", c.RateLimitUrgent),
	}
}

// withLog makes the logger where there is none; the batch is nil where there is.
func (c Config) withLog() (Config, *logging.Batch) {
	if c.Logger != nil {
		return c, nil
	}
	if c.LogTo == nil {
		c.LogTo = os.Stdout
	}
	var lines *logging.Batch
	c.Logger, lines = logging.NewBatch(c.LogTo, "gateway", c.LogLevel)
	return c, lines
}

// withDefaults fills what is not read from the environment.
func (c Config) withDefaults() Config {
	if c.Version == "" {
		c.Version = "dev"
	}
	return c
}

// hosts are the configured addresses of a service. Validate has found every list good.
func (c Config) hosts(s domain.Service) []config.HostPort {
	list, port := c.AuthServiceHost, c.AuthServicePort
	switch s {
	case domain.Auth:
	case domain.Notification:
		list, port = c.NotificationServiceHost, c.NotificationServicePort
	case domain.SOS:
		list, port = c.SOSServiceHost, c.SOSServicePort
	}
	hosts, _ := config.ParseHosts(list, port)
	return hosts
}
