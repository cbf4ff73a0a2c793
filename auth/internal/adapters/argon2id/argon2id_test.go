package argon2id_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/loveapp/backend/auth/internal/adapters/argon2id"
	"github.com/loveapp/backend/auth/internal/ports"
	"github.com/loveapp/backend/auth/internal/ports/portstest"
	hashing "github.com/loveapp/backend/shared/argon2id"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestPasswords(t *testing.T) {
	t.Parallel()
	cheap := hashing.Params{MemoryKiB: 64, Time: 1, Parallelism: 1}
	portstest.Passwords(t, func(*testing.T) ports.Passwords { return argon2id.New(cheap) })
}
