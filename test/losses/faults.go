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

// OfRedis are those that take away what instances tell each other by. A master
// that dies again while its replica has not taken over is another fault: it is
// given time in between.
func OfRedis(away time.Duration) []failure.Fault {
	return []failure.Fault{failure.Kill("master"), failure.FlushAll(), failure.Freeze("master", away), MasterDies(away)}
}

// Short are those that a run has time for which people wait for.
func Short(away time.Duration) []failure.Fault {
	return []failure.Fault{failure.Kill("notification"), failure.Kill("master"), failure.FlushAll(), failure.Freeze("notification", away)}
}
