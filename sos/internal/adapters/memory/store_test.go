package memory_test

import (
	"testing"
	"time"

	"github.com/loveapp/backend/sos/internal/adapters/memory"
	"github.com/loveapp/backend/sos/internal/ports/portstest"
)

func TestTheStoreKeepsTheContracts(t *testing.T) {
	t.Parallel()
	portstest.Run(t, func(*testing.T) portstest.Store { return memory.NewStore(time.Now) })
}
