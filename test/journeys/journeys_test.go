package journeys_test

import (
	"testing"
	"time"

	"github.com/loveapp/backend/shared/postgres/pgtest"
	"github.com/loveapp/backend/shared/redispool/redistest"
	"github.com/loveapp/backend/test/world"
)

func TestMain(m *testing.M) { pgtest.Main(m, redistest.Start, processes.extra) }

// promised is the second within which an alarm arrives and a sign-out counts.
const promised = time.Second

// everywhere runs a journey in every world, side by side.
func everywhere(t *testing.T, size world.Size, journey func(t *testing.T, w world.World)) {
	t.Helper()
	for name, begin := range map[string]func(t *testing.T) world.World{
		"fake":     func(t *testing.T) world.World { t.Helper(); return world.Fake(t, size) },
		"embedded": func(t *testing.T) world.World { t.Helper(); return world.Embedded(t, world.OwnServers(t), size) },
		"real":     func(t *testing.T) world.World { t.Helper(); return world.Real(processes.running(t)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			journey(t, begin(t))
		})
	}
}

// lasting runs a journey in the worlds whose services can stop and start on the same data.
func lasting(t *testing.T, size world.Size, journey func(t *testing.T, w world.Restartable)) {
	t.Helper()
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		journey(t, world.Embedded(t, world.OwnServers(t), size))
	})
}

// eventually asks until the answer is yes, for the promised second and the time that the asking takes.
func eventually(t *testing.T, what string, ask func() bool) {
	t.Helper()
	within(t, promised+promised/2, what, ask)
}

// within asks until the answer is yes, also where no time is promised.
func within(t *testing.T, limit time.Duration, what string, ask func() bool) {
	t.Helper()
	const pause = 100 * time.Millisecond // ten questions a second are within every limit
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for deadline := time.Now().Add(limit); !ask(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %s", what, limit)
		}
	}
}
