package redispool

import (
	"log/slog"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/trust"
)

// FromInfra is the Redis of a service's surroundings, whose list of hosts and authorities
// CheckInfra has found good.
func FromInfra(c config.Infra, logger *slog.Logger) Config {
	addrs, _ := config.ParseHosts(c.RedisHost, c.RedisPort)
	roots, _ := trust.Roots("REDIS_TLS_CA", c.RedisTLSCA)
	return Config{Addrs: addrs, Password: c.RedisPassword, TLS: c.RedisTLS, Roots: roots, Logger: logger}
}
