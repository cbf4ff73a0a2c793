package losses

// Env is what the stack is to be started with: a run's senders and clients are
// more than one person, and share a machine.
func Env() []string {
	return []string{
		"RATE_LIMIT_SHORT=off", "RATE_LIMIT_MEDIUM=off", "RATE_LIMIT_LONG=off", "RATE_LIMIT_GENERAL=off", "RATE_LIMIT_AUTH=off", "RATE_LIMIT_SOS=off",
	}
}
