package domain

// Headcount is how many connections an instance has in the registry.
type Headcount struct {
	Instance InstanceID
	Live     int // under the epoch that it holds
	Ghosts   int // left behind by an epoch that has ended
}

// Standing is a connection and whether its instance still answers for it.
type Standing struct {
	Connection
	Live bool
}
