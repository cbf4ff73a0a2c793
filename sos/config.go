package sos

import (
	"log/slog"
	"net"
	"os"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/logging"
	"github.com/loveapp/backend/shared/metrics"
)

// Config is what an operator decides. A field that is left out has a default
// that works, the secret excepted.
type Config struct {
	config.Infra
	Calls

	MetricsPort int `envconfig:"METRICS_PORT" default:"9403"`

	// Canary is the id of an account that exists to call for help each minute, as a
	// drill: its contacts are told the whole way. "" = no canary.
	Canary string `envconfig:"SOS_CANARY"`

	// Listener is where to serve; nil: a new one on LISTEN_HOST and SOS_SERVICE_PORT.
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

// Validate reports every mistake at once.
func (c Config) Validate() error {
	var m config.Mistakes
	c.CheckInfra(&m)
	c.CheckDatabase(&m)
	if c.MetricsPort < 0 || c.MetricsPort > 65535 {
		m.Add("METRICS_PORT must be a port from 1 to 65535")
	}
	if config.NamesNone(c.AuthServiceHost) || config.NamesNone(c.NotificationServiceHost) {
		m.Add("AUTH_SERVICE_HOST and NOTIFICATION_SERVICE_HOST must each name a host")
	}
	c.check(&m)
	return m.Err()
}

// withDefaults fills what is not read from the environment.
func (c Config) withDefaults() Config {
	if c.Logger == nil {
		c.Logger = logging.New(os.Stdout, "sos", c.LogLevel)
	}
	if c.Version == "" {
		c.Version = "dev"
	}
	return c
}
