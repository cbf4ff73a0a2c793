package domain

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"time"
)

// Seal closes a piece of the record: its hash covers the events of the piece and
// the seal before it, so that no event before it can be changed, added or taken
// away without breaking every later one. The zero value stands before the first.
type Seal struct {
	Number int64
	// Horizon is where the piece ends, in the store's own order of transactions.
	Horizon string
	Events  int64
	Hash    string // SHA-256 in hex
	Form    int    // what it hashes of each event
}

// The forms: the first hashed where events came from, today's the commitment to that.
const (
	FirstForm = 1
	SealForm  = 2
)

// SealedEvent is an event as it is kept, byte by byte.
type SealedEvent struct {
	ID, Kind, User, Session, Data string
	At                            time.Time
	Origin                        Origin // '' where it is erased
	Commitment                    string // to the origin
	Within                        Origin // what stood in the record itself when it was sealed
}

// Sealing is a seal that is being made.
type Sealing struct {
	seal Seal
	hash hash.Hash
}

// NextSeal begins the seal after last, of the form, that ends at horizon.
func NextSeal(last Seal, horizon string, form int) *Sealing {
	s := &Sealing{Seal{Number: last.Number + 1, Horizon: horizon, Form: form}, sha256.New()}
	s.add(fmt.Sprint("loveapp audit seal v", form), last.Hash, fmt.Sprint(s.seal.Number), horizon)
	return s
}

// Add takes the next event in; their order is the store's, and always the same.
func (s *Sealing) Add(e SealedEvent) {
	s.seal.Events++
	at := e.At.UTC().Format(time.RFC3339Nano)
	if s.seal.Form == FirstForm {
		s.add(e.ID, at, e.Kind, e.User, e.Session, e.Within.IP, e.Within.UserAgent, e.Data)
		return
	}
	s.add(e.ID, at, e.Kind, e.User, e.Session, e.Commitment, e.Data)
}

// add writes parts that cannot run into each other.
func (s *Sealing) add(parts ...string) {
	for _, part := range parts {
		_, _ = fmt.Fprintf(s.hash, "%d:%s", len(part), part) // a hash takes everything
	}
}

// Sum is the seal of what has been added.
func (s *Sealing) Sum() Seal {
	s.seal.Hash = hex.EncodeToString(s.hash.Sum(nil))
	return s.seal
}

// Person is whose the origin is.
func (e SealedEvent) Person() UserID {
	event := AuditEvent{Kind: AuditKind(e.Kind), User: UserID(e.User)}
	_ = json.Unmarshal([]byte(e.Data), &event.Data) // what cannot be read names nobody
	return event.Person()
}
