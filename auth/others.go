package auth

import (
	"errors"
	"fmt"
	"io"
	"maps"

	"github.com/loveapp/backend/auth/internal/adapters/peerclient"
	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
	"github.com/loveapp/backend/shared/servicetoken"
)

// others are whom auth speaks to beside its stores.
type others struct {
	eraser   *peerclient.Eraser
	carriers map[domain.Channel]ports.Carrier
	texter   io.Closer
}

// Close gives up what they hold.
func (o others) Close() error { return errors.Join(o.eraser.Close(), o.texter.Close()) }

func (c Config) others() (others, error) {
	services, err := servicetoken.New(servicetoken.Config{Secret: c.InternalSecret, Previous: c.InternalSecretPrevious})
	if err != nil {
		return others{}, fmt.Errorf("auth: %w", err)
	}
	as := func(audience string) func() (string, error) {
		return func() (string, error) { return services.Sign(servicetoken.Auth, audience) }
	}
	peers := map[string]peerclient.Peer{
		servicetoken.Notification: {URLs: c.NotificationURLs(), Token: as(servicetoken.Notification)},
		servicetoken.SOS:          {URLs: c.SOSURLs(), Token: as(servicetoken.SOS)},
	}
	// Erasures there wait until somebody says where the service is.
	maps.DeleteFunc(peers, func(_ string, p peerclient.Peer) bool { return len(p.URLs) == 0 })
	eraser, err := peerclient.NewEraser(peers)
	if err != nil {
		return others{}, fmt.Errorf("auth: %w", err)
	}
	carriers, texter, err := c.carriers()
	if err != nil {
		return others{}, errors.Join(fmt.Errorf("auth: %w", err), eraser.Close())
	}
	return others{eraser, carriers, texter}, nil
}
