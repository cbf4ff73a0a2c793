package config

import (
	"net/url"
	"slices"
	"strings"

	"github.com/loveapp/backend/shared/trust"
)

// Infra is what every service needs to know of its surroundings. Embed it in a service's Config.
type Infra struct {
	DatabaseHost     string `envconfig:"DATABASE_HOST" default:"localhost"`
	DatabaseReadHost string `envconfig:"DATABASE_READ_HOST"`
	DatabasePort     int    `envconfig:"DATABASE_PORT" default:"5432"`
	DatabaseUsername string `envconfig:"DATABASE_USERNAME" default:"postgres"`
	DatabasePassword Secret `envconfig:"DATABASE_PASSWORD"`
	DatabaseName     string `envconfig:"DATABASE_NAME" default:"loveapp"`
	DatabaseSSLMode  string `envconfig:"DATABASE_SSLMODE" default:"prefer"`
	// DatabaseSSLRootCert is a PEM file of the authorities that the server's certificate may come from; "" = the system's.
	DatabaseSSLRootCert string `envconfig:"DATABASE_SSLROOTCERT"`
	// DatabasePoolMax is this process's share of the 100 connections that a service may hold.
	DatabasePoolMax  int `envconfig:"DATABASE_POOL_MAX" default:"50"`
	DatabasePoolWarm int `envconfig:"DATABASE_POOL_WARM" default:"5"`
	// DatabasePooler says that a pooler in transaction mode stands before the database: nothing is then kept prepared on it.
	DatabasePooler bool `envconfig:"DATABASE_POOLER"`

	RedisHost     string `envconfig:"REDIS_HOST" default:"localhost"`
	RedisPort     int    `envconfig:"REDIS_PORT" default:"6379"`
	RedisPassword Secret `envconfig:"REDIS_PASSWORD"`
	RedisTLS      bool   `envconfig:"REDIS_TLS"`
	// RedisTLSCA is a PEM file of the authorities that the server's certificate may come from; "" = the system's.
	RedisTLSCA string `envconfig:"REDIS_TLS_CA"`

	InternalSecret         Secret `envconfig:"INTERNAL_SECRET"`
	InternalSecretPrevious Secret `envconfig:"INTERNAL_SECRET_PREVIOUS"`
	// LegacyJWTSecret is what the monolith signs its tokens with, while a migration goes on; "" takes none of them.
	LegacyJWTSecret Secret `envconfig:"LEGACY_JWT_SECRET"`

	AuthServiceHost         string `envconfig:"AUTH_SERVICE_HOST" default:"localhost"`
	AuthServicePort         int    `envconfig:"AUTH_SERVICE_PORT" default:"3001"`
	NotificationServiceHost string `envconfig:"NOTIFICATION_SERVICE_HOST" default:"localhost"`
	NotificationServicePort int    `envconfig:"NOTIFICATION_SERVICE_PORT" default:"3002"`
	SOSServiceHost          string `envconfig:"SOS_SERVICE_HOST" default:"localhost"`
	SOSServicePort          int    `envconfig:"SOS_SERVICE_PORT" default:"3003"`

	ListenHost     string   `envconfig:"LISTEN_HOST" default:"0.0.0.0"`
	PublicURL      string   `envconfig:"PUBLIC_URL" default:"http://localhost:3000"`
	TrustedProxies string   `envconfig:"TRUSTED_PROXIES" default:"127.0.0.0/8,::1/128,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7"`
	DataDir        string   `envconfig:"DATA_DIR" default:"./data"`
	LogLevel       string   `envconfig:"LOG_LEVEL" default:"info"`
	JWTExpiresIn   Duration `envconfig:"JWT_EXPIRES_IN" default:"15m"`
	DrainTimeout   Duration `envconfig:"DRAIN_TIMEOUT" default:"25s"`
	MigrateOnStart bool     `envconfig:"MIGRATE_ON_START" default:"true"`

	// OTLPEndpoint is the trace collector's base URL; "" traces nothing.
	OTLPEndpoint     string `envconfig:"OTEL_EXPORTER_OTLP_ENDPOINT"`
	TracesSampler    string `envconfig:"OTEL_TRACES_SAMPLER" default:"parentbased_always_on"`
	TracesSamplerArg string `envconfig:"OTEL_TRACES_SAMPLER_ARG"`
}

// CheckInfra notes what is wrong with the shared settings.
func (c Infra) CheckInfra(m *Mistakes) {
	checkHosts(m, "DATABASE_HOST", c.DatabaseHost)
	checkHosts(m, "DATABASE_READ_HOST", c.DatabaseReadHost)
	checkPort(m, "DATABASE_PORT", c.DatabasePort)
	checkHosts(m, "REDIS_HOST", c.RedisHost)
	checkGiven(m, "REDIS_HOST", c.RedisHost)
	checkPort(m, "REDIS_PORT", c.RedisPort)
	checkRoots(m, "REDIS_TLS_CA", c.RedisTLSCA)
	checkHosts(m, "AUTH_SERVICE_HOST", c.AuthServiceHost)
	checkPort(m, "AUTH_SERVICE_PORT", c.AuthServicePort)
	checkHosts(m, "NOTIFICATION_SERVICE_HOST", c.NotificationServiceHost)
	checkPort(m, "NOTIFICATION_SERVICE_PORT", c.NotificationServicePort)
	checkHosts(m, "SOS_SERVICE_HOST", c.SOSServiceHost)
	checkPort(m, "SOS_SERVICE_PORT", c.SOSServicePort)
	m.Add("%s", CheckSecret("INTERNAL_SECRET", c.InternalSecret))
	if c.InternalSecretPrevious != "" {
		m.Add("%s", CheckSecret("INTERNAL_SECRET_PREVIOUS", c.InternalSecretPrevious))
	}
	c.checkLegacy(m)
	if u, err := url.Parse(c.PublicURL); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		m.Add("PUBLIC_URL must be an http or https URL")
	}
	if _, err := ParsePrefixes(c.TrustedProxies); err != nil {
		m.Add("TRUSTED_PROXIES %v", err)
	}
	if !slices.Contains([]string{"", "debug", "info", "warn", "error"}, strings.ToLower(c.LogLevel)) {
		m.Add("LOG_LEVEL must be debug, info, warn or error")
	}
	c.checkTraces(m)
	if c.DatabasePoolMax < 1 || c.DatabasePoolWarm < 0 || c.DatabasePoolWarm > c.DatabasePoolMax {
		m.Add("DATABASE_POOL_MAX must be at least 1 and DATABASE_POOL_WARM between 0 and it")
	}
}

func (c Infra) checkLegacy(m *Mistakes) {
	switch c.LegacyJWTSecret {
	case "":
	case c.InternalSecret, c.InternalSecretPrevious:
		m.Add("LEGACY_JWT_SECRET must be a secret of its own, which only the monolith has too")
	default:
		m.Add("%s", CheckSecret("LEGACY_JWT_SECRET", c.LegacyJWTSecret))
	}
}

func checkHosts(m *Mistakes, name, list string) {
	if _, err := ParseHosts(list, 1); err != nil {
		m.Add("%s %v", name, err)
	}
}

func checkRoots(m *Mistakes, name, file string) {
	_, err := trust.Roots(name, file)
	m.AddErr(err)
}

// checkPort lets 0 pass: it asks for any free port, as tests and the all-in-one do.
func checkPort(m *Mistakes, name string, port int) {
	if port < 0 || port > 65535 {
		m.Add("%s must be a port from 1 to 65535", name)
	}
}

// AuthURLs are the base URLs of auth's instances.
func (c Infra) AuthURLs() []string { return baseURLs(c.AuthServiceHost, c.AuthServicePort) }

// NotificationURLs are the base URLs of notification's instances.
func (c Infra) NotificationURLs() []string {
	return baseURLs(c.NotificationServiceHost, c.NotificationServicePort)
}

// SOSURLs are the base URLs of sos's instances.
func (c Infra) SOSURLs() []string { return baseURLs(c.SOSServiceHost, c.SOSServicePort) }

func baseURLs(list string, port int) []string {
	hosts, err := ParseHosts(list, port)
	if err != nil {
		return nil // CheckInfra has reported it
	}
	urls := make([]string, 0, len(hosts))
	for _, h := range hosts {
		urls = append(urls, "http://"+h.Addr())
	}
	return urls
}
