package settings

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/httpserver"
)

// Doors are the listeners of the process, bound before anything else starts, so
// that a taken port is told at once.
type Doors struct {
	Gateway, Auth, Notification, SOS, Admin net.Listener
}

// door is a listener to be. A port that nobody asked for may move when it is taken.
type door struct {
	into     *net.Listener
	variable string
	host     string
	port     int
	moves    bool
}

// Open binds every door and points the services at one another.
func (s *Settings) Open(ctx context.Context) (Doors, error) {
	var d Doors
	for _, door := range s.doors(&d) {
		listener, err := door.open(ctx)
		if err != nil {
			return Doors{}, errors.Join(err, d.Close())
		}
		*door.into = listener
	}
	s.use(d)
	return d, nil
}

func (s *Settings) doors(d *Doors) []door {
	internal := func(into *net.Listener, variable string, port int) door {
		return door{into, variable, Loopback, port, !given(variable)}
	}
	return []door{
		{&d.Gateway, "PORT", s.ListenHost, s.Port, false}, // clients know it
		internal(&d.Auth, "AUTH_SERVICE_PORT", s.Auth.AuthServicePort),
		internal(&d.Notification, "NOTIFICATION_SERVICE_PORT", s.Auth.NotificationServicePort),
		internal(&d.SOS, "SOS_SERVICE_PORT", s.Auth.SOSServicePort),
		internal(&d.Admin, "METRICS_PORT", s.MetricsPort),
	}
}

func (d door) open(ctx context.Context) (net.Listener, error) {
	listener, err := httpserver.Listen(ctx, d.host, d.port)
	if d.moves && errors.Is(err, syscall.EADDRINUSE) {
		listener, err = httpserver.Listen(ctx, d.host, 0)
	}
	if errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, syscall.EACCES) {
		return nil, fmt.Errorf("%s: %w", d.variable, err)
	}
	return listener, err
}

func (s *Settings) use(d Doors) {
	s.Auth.Listener, s.Notification.Listener, s.SOS.Listener, s.Gateway.Listener = d.Auth, d.Notification, d.SOS, d.Gateway
	s.Each(func(c *config.Infra) {
		c.AuthServicePort, c.NotificationServicePort, c.SOSServicePort = port(d.Auth), port(d.Notification), port(d.SOS)
		if !given("PUBLIC_URL") {
			c.PublicURL = fmt.Sprintf("http://localhost:%d", port(d.Gateway))
		}
	})
}

func port(l net.Listener) int {
	return l.Addr().(*net.TCPAddr).Port //nolint:forcetypeassert // Listen opens TCP only
}

// Close closes the doors that are open; for a start that failed.
func (d Doors) Close() error {
	var errs []error
	for _, l := range []net.Listener{d.Gateway, d.Auth, d.Notification, d.SOS, d.Admin} {
		if l == nil {
			continue
		}
		if err := l.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
