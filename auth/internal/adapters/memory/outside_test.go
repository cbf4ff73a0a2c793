package memory_test

import (
	"testing"
	"time"

	"github.com/loveapp/backend/auth/internal/adapters/memory"
	"github.com/loveapp/backend/auth/internal/ports"
	"github.com/loveapp/backend/auth/internal/ports/portstest"
)

func TestCarrier(t *testing.T) {
	t.Parallel()
	portstest.Carrier(t, func(*testing.T) portstest.CarrierSubject {
		c := &memory.Carrier{}
		return portstest.CarrierSubject{
			Carrier: c, To: "ana@example.org",
			Taken: func() (taken []string) {
				for _, l := range c.Letters() {
					taken = append(taken, l.To+"\n"+l.Subject+"\n"+l.Text)
				}
				return taken
			},
			Behave: func(m portstest.Mood) {
				switch m {
				case portstest.Takes:
					c.Fail(nil)
				case portstest.Fails:
					c.Fail(&ports.SendError{Why: "away"})
				case portstest.Refuses:
					c.Fail(&ports.SendError{Why: "unknown", Final: true})
				}
			},
		}
	})
}

func TestProviders(t *testing.T) {
	t.Parallel()
	portstest.Providers(t, func(*testing.T) portstest.ProvidersSubject {
		p := memory.NewProviders(time.Now)
		return portstest.ProvidersSubject{Providers: p, Issuer: memory.AcmeIssuer, Now: time.Now, Sign: p.Sign, Stop: p.Stop}
	})
}
