package program

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"time"

	"github.com/loveapp/backend/gateway"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/metrics"
	"github.com/loveapp/backend/test/world"
)

// Secret is what the services of a measurement sign with.
const Secret config.Secret = "a secret of the measurements, 32 bytes or more"

// nobody is where nothing listens.
const nobody = "127.0.0.1:1"

// GatewayConfig is the gateway as it is deployed, before notification and sos at
// these addresses (host:port, divided by commas), but without auth, limits and a log.
func GatewayConfig(l net.Listener, services string) gateway.Config {
	c := gateway.Config{
		GatewayInstances: 1, MaxInFlight: 2048, MaxTunnels: 1000, Version: "measured", Listener: l,
		Logger: slog.New(slog.DiscardHandler), Metrics: metrics.New("gateway"),
	}
	c.AuthServiceHost, c.NotificationServiceHost, c.SOSServiceHost = nobody, services, services
	c.RedisHost, c.InternalSecret, c.PublicURL, c.DatabasePoolMax = nobody, Secret, "http://localhost:3000", 1
	c.JWTExpiresIn, c.DrainTimeout = config.Duration(15*time.Minute), config.Duration(time.Second)
	return c
}

// StartGateway runs it in this process until the attempt ends.
func StartGateway(t world.T, c gateway.Config) {
	t.Helper()
	s, err := gateway.New(t.Context(), c)
	if err != nil {
		t.Fatalf("start a gateway: %v", err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("a gateway ended with: %v", err)
		}
	})
}
