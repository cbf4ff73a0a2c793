package memory_test

import (
	"testing"
	"time"

	"github.com/loveapp/backend/auth/internal/adapters/memory"
	"github.com/loveapp/backend/auth/internal/ports"
	"github.com/loveapp/backend/auth/internal/ports/portstest"
)

func TestProfiles(t *testing.T) { t.Parallel(); portstest.Profiles(t, subject) }

func TestBriefs(t *testing.T) {
	t.Parallel()
	portstest.Briefs(t, func(*testing.T) ports.Briefs { return memory.NewRemembered(time.Now) })
}

func TestIssues(t *testing.T) {
	t.Parallel()
	portstest.Issues(t, func(*testing.T) ports.Issues { return memory.NewRemembered(time.Now) })
}
