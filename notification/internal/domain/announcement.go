package domain

// Announcement is a draft that an administrator sends, and the key under which
// a repeat of the request is recognised.
type Announcement struct {
	ID    string // names it, and is its event
	By    UserID
	Draft Draft
	Key   IdempotencyKey
}

// IdempotencyKey is what a client gave so that it may send its request twice.
// The zero value is none.
type IdempotencyKey struct {
	Value string
	// Fingerprint tells requests with the same key apart by what they ask for.
	Fingerprint [32]byte
}

// Receipt is what the sender of an announcement is told.
type Receipt struct {
	ID       string
	Accepted int // inboxes that it went to
}
