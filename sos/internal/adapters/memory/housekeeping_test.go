package memory_test

import (
	"testing"
	"time"

	"github.com/loveapp/backend/sos/internal/adapters/memory"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports/portstest"
)

func TestTheStoreForgets(t *testing.T) {
	t.Parallel()
	portstest.RunMemories(t, func(*testing.T) (portstest.Store, func(domain.TicketID, time.Duration)) {
		s := memory.NewStore(time.Now)
		return s, s.Age
	})
}
