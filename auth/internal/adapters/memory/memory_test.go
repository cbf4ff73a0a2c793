package memory_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/loveapp/backend/auth/internal/adapters/memory"
	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
	"github.com/loveapp/backend/auth/internal/ports/portstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func subject(*testing.T) portstest.Subject {
	s := memory.NewStore(time.Now)
	return portstest.Subject{
		Store: s,
		Events: func(*testing.T) (kinds []domain.AuditKind) {
			for _, e := range s.Journal() {
				kinds = append(kinds, e.Kind)
			}
			return kinds
		},
		SetActive:            func(_ *testing.T, id domain.UserID, active bool) { s.SetActive(id, active) },
		SetCredentialVersion: func(_ *testing.T, id domain.UserID, version int64) { s.SetCredentialVersion(id, version) },
	}
}

func TestAccounts(t *testing.T)    { t.Parallel(); portstest.Accounts(t, subject) }
func TestSessions(t *testing.T)    { t.Parallel(); portstest.Sessions(t, subject) }
func TestRevocations(t *testing.T) { t.Parallel(); portstest.Revocations(t, subject) }
func TestPost(t *testing.T)        { t.Parallel(); portstest.Post(t, subject) }
func TestErasures(t *testing.T)    { t.Parallel(); portstest.Erasures(t, subject) }

func TestBulletin(t *testing.T) {
	t.Parallel()
	portstest.Bulletin(t, func(*testing.T) ports.Bulletin { return memory.NewBulletin() })
}

func TestPasswords(t *testing.T) {
	t.Parallel()
	portstest.Passwords(t, func(*testing.T) ports.Passwords { return memory.Passwords{} })
}

func TestSupervision(t *testing.T) { t.Parallel(); portstest.Supervision(t, subject) }

func TestSecondFactors(t *testing.T) { t.Parallel(); portstest.SecondFactors(t, subject) }

func TestIdentities(t *testing.T) { t.Parallel(); portstest.Identities(t, subject) }
func TestSeals(t *testing.T)      { t.Parallel(); portstest.Seals(t, subject) }

func TestGuesses(t *testing.T) {
	t.Parallel()
	portstest.Guesses(t, func(*testing.T) ports.Guesses { return memory.NewGuesses(time.Now) })
}
