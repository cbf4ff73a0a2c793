package domain

// The shares of the in-flight cap that lower priorities leave free, in percent.
const (
	keptForElevated  = 10
	keptForEmergency = 10
)

// MayEnter tells whether a request of that priority may be served beside those in flight.
func MayEnter(p Priority, inFlight, limit int) bool {
	switch p {
	case Emergency:
	case Elevated:
		limit -= limit * keptForEmergency / 100
	default:
		limit -= limit * (keptForEmergency + keptForElevated) / 100
	}
	return inFlight < limit
}
