package topology

import (
	"fmt"
	"os"
	"strconv"

	"github.com/loveapp/backend/shared/config"
)

// Service is one process of this repository.
type Service struct {
	Kind        string // auth, notification, sos or gateway
	Name        string // auth-1
	Addr        config.HostPort
	MetricsPort int
}

// Services are all of them in the order in which they start: who is needed first, first.
func (p *Plan) Services() []Service {
	var all []Service
	add := func(kind string, count, offset int) {
		for i := range count {
			all = append(all, Service{
				Kind: kind, Name: fmt.Sprintf("%s-%d", kind, i+1),
				Addr: p.addr(offset + i), MetricsPort: p.PortBase + metricsOffset + offset + i,
			})
		}
	}
	add("auth", Auths, authOffset)
	add("notification", Notifications, notificationOffset)
	add("sos", SOSs, sosOffset)
	add("gateway", Gateways, 0)
	return all
}

// Of are the addresses of one kind.
func (p *Plan) Of(kind string) []config.HostPort {
	var addrs []config.HostPort
	for _, s := range p.Services() {
		if s.Kind == kind {
			addrs = append(addrs, s.Addr)
		}
	}
	return addrs
}

// poolOf shares the 100 connections that a service may hold among its instances.
func poolOf(kind string) (most, warm int) {
	const perService, warmPerService = 100, 10
	count := map[string]int{"auth": Auths, "notification": Notifications, "sos": SOSs}[kind]
	if count == 0 {
		return 1, 0 // the gateway has no database
	}
	return perService / count, warmPerService / count
}

// passedOn are the settings that whoever starts the stack may choose; the rest
// is the stack's own.
var passedOn = []string{ //nolint:gochecknoglobals // a constant list
	"ADMIN_EMAIL", "ADMIN_PASSWORD", "JWT_EXPIRES_IN", "LOG_LEVEL", "CORS_ORIGINS", "SHARED_ADDRESSES",
	"RATE_LIMIT_SHORT", "RATE_LIMIT_MEDIUM", "RATE_LIMIT_LONG", "RATE_LIMIT_GENERAL", "RATE_LIMIT_AUTH", "RATE_LIMIT_SOS",
	"TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM", "TWILIO_CALL_TO", "TWILIO_BASE_URL",
	"WS_DRAIN", "SOS_CANARY", "OTEL_EXPORTER_OTLP_ENDPOINT", "GOMAXPROCS", "GOGC", "GOMEMLIMIT",
}

// Env is the environment of a service, and nothing of ours beside it.
func (p *Plan) Env(s Service) []string {
	most, warm := poolOf(s.Kind)
	env := map[string]string{
		"DATABASE_HOST":             list(p.databases(0, 1, 2)),
		"DATABASE_READ_HOST":        list(p.readers(s.Kind)),
		"DATABASE_USERNAME":         DatabaseUser,
		"DATABASE_PASSWORD":         p.Secrets.Database.Value(),
		"DATABASE_NAME":             DatabaseSchema,
		"DATABASE_SSLMODE":          "disable",
		"DATABASE_POOL_MAX":         strconv.Itoa(most),
		"DATABASE_POOL_WARM":        strconv.Itoa(warm),
		"REDIS_HOST":                list(p.redis()),
		"REDIS_PASSWORD":            p.Secrets.Redis.Value(),
		"INTERNAL_SECRET":           p.Secrets.Internal.Value(),
		"AUTH_SERVICE_HOST":         list(p.Of("auth")),
		"NOTIFICATION_SERVICE_HOST": list(p.Of("notification")),
		"SOS_SERVICE_HOST":          list(p.Of("sos")),
		"LISTEN_HOST":               loopback,
		"METRICS_PORT":              strconv.Itoa(s.MetricsPort),
		"PUBLIC_URL":                p.URL(),
		"DATA_DIR":                  p.Work(s.Name),
		"PATH":                      "/usr/bin:/bin",
		"TZ":                        "UTC",
	}
	for _, name := range passedOn {
		if value, set := os.LookupEnv(name); set {
			env[name] = value
		}
	}
	if s.Kind == "sos" {
		env["NOTIFICATION_SERVICE_HOST"] = list(p.PeerLinks("notification"))
	}
	env["GATEWAY_INSTANCES"] = strconv.Itoa(Gateways)
	env[portVariable(s.Kind)] = strconv.Itoa(s.Addr.Port)
	if s.Kind == "auth" {
		env["JWT_SECRET"] = p.Secrets.JWT.Value()
	}
	return pairs(env)
}

func portVariable(kind string) string {
	return map[string]string{
		"auth": "AUTH_SERVICE_PORT", "notification": "NOTIFICATION_SERVICE_PORT", "sos": "SOS_SERVICE_PORT", "gateway": "PORT",
	}[kind]
}

func (p *Plan) databases(order ...int) []config.HostPort {
	var addrs []config.HostPort
	for _, i := range order {
		addrs = append(addrs, p.Link(p.DatabaseAddr(i)))
	}
	return addrs
}

// readers: auth prefers the first replica, the others the second; the other one is the spare.
func (p *Plan) readers(kind string) []config.HostPort {
	if kind == "auth" {
		return p.databases(1, 2)
	}
	return p.databases(2, 1)
}

func (p *Plan) redis() []config.HostPort {
	var addrs []config.HostPort
	for i := range p.RedisCount() {
		addrs = append(addrs, p.Link(p.RedisAddr(i)))
	}
	return addrs
}

func pairs(env map[string]string) []string {
	out := make([]string, 0, len(env))
	for k, v := range env {
		out = append(out, k+"="+v)
	}
	return out
}
