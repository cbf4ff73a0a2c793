package postgres_test

import (
	"testing"

	"github.com/loveapp/backend/auth/internal/ports/portstest"
)

func TestProfiles(t *testing.T) { t.Parallel(); portstest.Profiles(t, subject) }
