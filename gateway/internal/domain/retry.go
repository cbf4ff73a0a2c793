package domain

// Progress is how far a failed attempt got.
type Progress uint8

// The stages of an attempt.
const (
	NothingSent Progress = iota // no connection came about
	Sent                        // something may have reached the instance; it died before a byte came back
	Answering                   // a byte came back, or the instance was still at work
)

// Repeatable tells whether a request means the same when it arrives twice: by
// its method (RFC 9110 section 9.2.2), or by a key that the service honours.
// Where the answer holds a secret it never does.
func (r Route) Repeatable(method, idempotencyKey string) bool {
	if r.Secret {
		return false
	}
	switch method {
	case "GET", "HEAD", "OPTIONS", "PUT", "DELETE":
		return true
	case "POST":
		return idempotencyKey != ""
	}
	return false
}

// MayRetry tells whether another instance may get the request after an attempt
// got that far. A request that is not repeatable is delivered at most once.
func MayRetry(p Progress, repeatable bool) bool {
	return p == NothingSent || (p == Sent && repeatable)
}
