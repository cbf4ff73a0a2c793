package redispool

import (
	"log/slog"

	"github.com/loveapp/backend/shared/config"
)

// FromInfra is the Redis of a service's surroundings, whose list of hosts
// CheckInfra has found good.
func FromInfra(c config.Infra, logger *slog.Logger) Config {
	addrs, _ := config.ParseHosts(c.RedisHost, c.RedisPort)
	return Config{Addrs: addrs, Password: c.RedisPassword, TLS: c.RedisTLS, Logger: logger}
}
