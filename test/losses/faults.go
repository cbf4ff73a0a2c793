package losses

import (
	"time"

	"github.com/loveapp/backend/test/failure"
)

// Faults is each of those that notification has to withstand, once.
func Faults(away time.Duration) []failure.Fault {
	return append(Short(away),
		failure.Restart("primary"), failure.FreezeAll("notification", away), failure.Freeze("master", away),
		failure.Kill("gateway"), failure.Kill("replica"), failure.Kill("primary"),
	)
}

// Short are those that a run has time for which people wait for.
func Short(away time.Duration) []failure.Fault {
	return []failure.Fault{failure.Kill("notification"), failure.Kill("master"), failure.FlushAll(), failure.Freeze("notification", away)}
}
