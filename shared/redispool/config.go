package redispool

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"time"

	"github.com/gomodule/redigo/redis"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/trust"
)

const (
	dialTimeout = time.Second
	ioTimeout   = time.Second // each of a command's write and its answer
)

// Config says where Redis is.
type Config struct {
	// Addrs are one node, or some nodes of a cluster: the others are found from them.
	Addrs    []config.HostPort
	Password config.Secret
	TLS      bool
	// Roots are the authorities that the server's certificate may come from; nil: the system's.
	Roots *x509.CertPool
	// MaxActive connections to each node; 0 means 100. Whoever finds none free waits.
	MaxActive int
	Logger    *slog.Logger // nil discards
}

func (c Config) check() error {
	var mistakes config.Mistakes
	if len(c.Addrs) == 0 {
		mistakes.Add("the Redis host is not set")
	}
	for _, addr := range c.Addrs {
		if addr.Host == "" || addr.Port < 1 || addr.Port > 65535 {
			mistakes.Add("the Redis address %q needs a host and a port from 1 to 65535", addr.Addr())
		}
	}
	if c.MaxActive < 0 {
		mistakes.Add("the Redis pool cannot hold %d connections", c.MaxActive)
	}
	return mistakes.Err()
}

func (c Config) dialOptions() []redis.DialOption {
	options := []redis.DialOption{
		redis.DialConnectTimeout(dialTimeout), redis.DialReadTimeout(ioTimeout), redis.DialWriteTimeout(ioTimeout),
		redis.DialTLSHandshakeTimeout(dialTimeout),
		redis.DialPassword(c.Password.Value()),
	}
	if c.TLS {
		options = append(options, redis.DialUseTLS(true), redis.DialTLSConfig(&tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.Roots}))
	}
	return options
}

// dialAny connects to the first of the addresses that lets it, beginning with the from-th.
func (c Config) dialAny(ctx context.Context, addresses []string, from int, more ...redis.DialOption) (conn redis.Conn, err error) {
	options := append(c.dialOptions(), more...)
	for i := range addresses {
		address := addresses[(from+i)%len(addresses)]
		if conn, err = dial(ctx, address, options...); err == nil {
			return conn, nil
		}
	}
	return nil, err
}

// presented is Redis and its certificate by the settings that say how it is reached.
var presented = trust.Server{Name: "Redis", Host: "REDIS_HOST", Check: "REDIS_TLS", Roots: "REDIS_TLS_CA"}

func dial(ctx context.Context, address string, options ...redis.DialOption) (redis.Conn, error) {
	conn, err := redis.DialContext(ctx, "tcp", address, options...)
	return conn, presented.Explain(err, address)
}

func (c Config) addresses() []string {
	addresses := make([]string, 0, len(c.Addrs))
	for _, addr := range c.Addrs {
		addresses = append(addresses, addr.Addr())
	}
	return addresses
}
