// Package settings turns the environment into what one process with every
// service in it runs on: the same variables as the separate processes have,
// with defaults that need nothing to be installed, opened or known beforehand.
package settings

import (
	"os"
	"slices"
	"strings"

	"github.com/loveapp/backend/auth"
	"github.com/loveapp/backend/gateway"
	"github.com/loveapp/backend/notification"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/sos"
)

// Loopback is where everything but the gateway listens, whatever LISTEN_HOST says.
const Loopback = "127.0.0.1"

// Settings is the environment, checked.
type Settings struct {
	// ListenHost is the gateway's. Loopback until somebody opens it to others.
	ListenHost  string `envconfig:"LISTEN_HOST" default:"127.0.0.1"`
	Port        int    `envconfig:"PORT" default:"3000"`
	MetricsPort int    `envconfig:"METRICS_PORT" default:"9400"`
	DataDir     string `envconfig:"DATA_DIR" default:"./data"`
	// LogLevel is warn, so that what is printed at the start can be read.
	LogLevel string `envconfig:"LOG_LEVEL" default:"warn"`
	// DatabaseHost is "" for the embedded server.
	DatabaseHost string `envconfig:"DATABASE_HOST"`
	// RedisHost is "" for the embedded server.
	RedisHost      string        `envconfig:"REDIS_HOST"`
	JWTSecret      config.Secret `envconfig:"JWT_SECRET"`
	InternalSecret config.Secret `envconfig:"INTERNAL_SECRET"`

	Auth         auth.Config
	Notification notification.Config
	SOS          sos.Config
	Gateway      gateway.Config
}

// Load reads the environment. The error names every mistake in it.
func Load() (*Settings, error) {
	var s Settings
	var mistakes config.Mistakes
	for _, part := range []any{&s, &s.Auth, &s.Notification, &s.SOS, &s.Gateway} {
		mistakes.AddErr(config.Load(part))
	}
	s.adapt()
	for _, sentence := range s.judge() {
		if !about(mistakes, sentence) {
			mistakes.Add("%s", sentence)
		}
	}
	return &s, mistakes.Err()
}

// about says whether the variable of the sentence has been found fault with
// already: what could not be read is not to be judged too.
func about(mistakes config.Mistakes, sentence string) bool {
	variable, _, _ := strings.Cut(sentence, " ")
	return slices.ContainsFunc(mistakes, func(m string) bool { return strings.HasPrefix(m, variable+" ") || strings.HasPrefix(m, variable+":") })
}

// adapt gives the services what differs from their own defaults.
func (s *Settings) adapt() {
	s.Each(func(c *config.Infra) {
		c.LogLevel = s.LogLevel
		c.AuthServiceHost, c.NotificationServiceHost, c.SOSServiceHost = Loopback, Loopback, Loopback
		for _, host := range []*string{&c.DatabaseHost, &c.RedisHost} {
			if *host == "" { // the embedded server, whose address is not known yet
				*host = Loopback
			}
		}
	})
	s.Notification.OutboxDir, s.Auth.OutboxDir = s.DataDir, s.DataDir
}

// judge checks the settings as the services will see them, secrets that are
// still to be made taken for granted.
func (s *Settings) judge() (mistakes config.Mistakes) {
	trial := *s
	trial.UseSecrets(NewSecrets())
	for _, part := range []interface{ Validate() error }{trial.Auth, trial.Notification, trial.SOS, trial.Gateway} {
		mistakes.AddErr(part.Validate())
	}
	return mistakes
}

// Each changes the settings that all services share.
func (s *Settings) Each(change func(*config.Infra)) {
	for _, c := range []*config.Infra{&s.Auth.Infra, &s.Notification.Infra, &s.SOS.Infra, &s.Gateway.Infra} {
		change(c)
	}
}

func given(name string) bool { return os.Getenv(name) != "" }
