package auth

import (
	"log/slog"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/logging"
	"github.com/loveapp/backend/shared/metrics"
	"github.com/loveapp/backend/shared/token"
)

// Config is what an operator decides. A field that is left out has a default
// that works, the secrets excepted.
type Config struct {
	config.Infra
	Letters

	// JWTSecret is what all keys are derived from; Next is published before it
	// signs and Previous after, so that a rotation refuses nobody. Previous are
	// several, with commas between them, where there were several rotations within
	// 400 days: a phone that was not opened since still shows what they made.
	JWTSecret         config.Secret `envconfig:"JWT_SECRET"`
	JWTSecretPrevious config.Secret `envconfig:"JWT_SECRET_PREVIOUS"`
	JWTSecretNext     config.Secret `envconfig:"JWT_SECRET_NEXT"`

	// AdminEmail and AdminPassword make the first SUPER_ADMIN where there is none.
	AdminEmail    string        `envconfig:"ADMIN_EMAIL"`
	AdminPassword config.Secret `envconfig:"ADMIN_PASSWORD"`

	// Whose ID tokens sign people in: the ids of our apps there, with commas between
	// them. OIDCIssuers are others: name=https://issuer|client|client, with spaces between them.
	GoogleClientIDs   string `envconfig:"GOOGLE_CLIENT_IDS"`
	AppleClientIDs    string `envconfig:"APPLE_CLIENT_IDS"`
	FirebaseProjectID string `envconfig:"FIREBASE_PROJECT_ID"`
	OIDCIssuers       string `envconfig:"OIDC_ISSUERS"`

	// MFARequiredForAdmin makes administrators ordinary users until they have set up a second factor.
	MFARequiredForAdmin bool `envconfig:"AUTH_MFA_REQUIRED_FOR_ADMIN"`

	MetricsPort int `envconfig:"METRICS_PORT" default:"9401"`

	// Listener is where to serve; nil: a new one on LISTEN_HOST and AUTH_SERVICE_PORT.
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

// Tokens that live shorter than a second are expired when they arrive; longer
// than a month, nobody would call them short-lived.
const (
	minTokenLife = time.Second
	maxTokenLife = 30 * 24 * time.Hour
)

// Validate reports every mistake at once.
func (c Config) Validate() error {
	var m config.Mistakes
	c.CheckInfra(&m)
	c.CheckDatabase(&m)
	m.Add("%s", config.CheckSecret("JWT_SECRET", c.JWTSecret))
	c.checkRotation(&m)
	if c.LegacyJWTSecret != "" && slices.Contains(append(c.previous(), c.JWTSecret, c.JWTSecretNext), c.LegacyJWTSecret) {
		m.Add("LEGACY_JWT_SECRET must not be JWT_SECRET: whoever knows it could sign as this backend")
	}
	if life := c.JWTExpiresIn.Std(); life < minTokenLife || life > maxTokenLife {
		m.Add("JWT_EXPIRES_IN must be from 1s to 30d, such as 15m")
	}
	if c.MetricsPort < 0 || c.MetricsPort > 65535 {
		m.Add("METRICS_PORT must be a port from 1 to 65535")
	}
	c.checkAdmin(&m)
	if _, err := parseIssuers(c.OIDCIssuers); err != nil {
		m.Add("OIDC_ISSUERS must be name=https://issuer|client, several with spaces between them")
	}
	c.checkLetters(&m)
	return m.Err()
}

// previous are the secrets of earlier rotations.
func (c Config) previous() (secrets []config.Secret) {
	for secret := range strings.SplitSeq(c.JWTSecretPrevious.Value(), ",") {
		if secret = strings.TrimSpace(secret); secret != "" {
			secrets = append(secrets, config.Secret(secret))
		}
	}
	return secrets
}

// otherSecrets recognise what they made and make nothing: the next one and the previous ones.
func (c Config) otherSecrets() []string {
	others := []string{c.JWTSecretNext.Value()} // may be empty
	for _, secret := range c.previous() {
		others = append(others, secret.Value())
	}
	return others
}

func bytesOf(texts []string) (all [][]byte) {
	for _, text := range texts {
		all = append(all, []byte(text))
	}
	return all
}

func (c Config) checkRotation(m *config.Mistakes) {
	for _, secret := range c.previous() {
		m.Add("%s", config.CheckSecret("JWT_SECRET_PREVIOUS", secret))
	}
	if len(c.previous()) > token.MaxPrevious {
		m.Add("JWT_SECRET_PREVIOUS holds more than %d secrets: drop those that were replaced more than 400 days ago", token.MaxPrevious)
	}
	if c.JWTSecretNext != "" {
		m.Add("%s", config.CheckSecret("JWT_SECRET_NEXT", c.JWTSecretNext))
	}
}

func (c Config) checkAdmin(m *config.Mistakes) {
	switch {
	case c.AdminEmail == "" && c.AdminPassword == "":
	case c.AdminEmail == "" || c.AdminPassword == "":
		m.Add("ADMIN_EMAIL and ADMIN_PASSWORD must be given both or not at all")
	default:
		if _, err := c.admin().Check(); err != nil {
			m.Add("ADMIN_EMAIL must be an e-mail address, and ADMIN_PASSWORD a password of 8 to 128 characters that is hard to guess")
		}
	}
}

func (c Config) admin() domain.Registration {
	return domain.Registration{Email: c.AdminEmail, Password: c.AdminPassword.Value()}
}

// withDefaults fills what is not read from the environment.
func (c Config) withDefaults() Config {
	if c.Logger == nil {
		c.Logger = logging.New(os.Stdout, "auth", c.LogLevel)
	}
	if c.Version == "" {
		c.Version = "dev"
	}
	return c
}
