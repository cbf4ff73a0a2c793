package gateway

import (
	"strconv"
	"strings"

	"github.com/loveapp/backend/gateway/internal/adapters/discovery"
	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/shared/config"
)

// legacyPort is the monolith's where LEGACY_HOST names none.
const legacyPort = 80

func (c Config) checkLegacy(m *config.Mistakes) {
	hosts, err := config.ParseHosts(c.LegacyHost, legacyPort)
	if err != nil {
		m.Add("LEGACY_HOST %v", err)
	}
	if strings.TrimSpace(c.LegacyHost) != "" && err == nil && len(hosts) == 0 {
		m.Add("LEGACY_HOST must be a host, host:port, or a comma-separated list of them")
	}
	for _, h := range hosts {
		if isLoopback(h.Host) && c.Port != 0 && h.Port == c.Port {
			m.Add("LEGACY_HOST must not be the gateway itself: %s is its own PORT", strconv.Itoa(c.Port))
		}
	}
}

func isLoopback(host string) bool {
	return host == "localhost" || host == "::1" || strings.HasPrefix(host, "127.")
}

// watchLegacy follows the monolith's name, where there is one.
func (s *Service) watchLegacy() error {
	hosts, err := config.ParseHosts(s.config.LegacyHost, legacyPort)
	if err != nil || len(hosts) == 0 {
		return err
	}
	w, err := discovery.NewWatcher(discovery.Config{Hosts: hosts, Changed: s.proxy.Fleet(domain.Legacy).Set, Logger: s.config.Logger})
	if err != nil {
		return err
	}
	s.watchers = append(s.watchers, w)
	return nil
}
