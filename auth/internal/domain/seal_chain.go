package domain

import (
	"crypto/sha256"
	"encoding/hex"
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
}

// SealedEvent is an event as it is kept, byte by byte.
type SealedEvent struct {
	ID, Kind, User, Session, IP, UserAgent, Data string
	At                                           time.Time
}

// Sealing is a seal that is being made.
type Sealing struct {
	seal Seal
	hash hash.Hash
}

// NextSeal begins the seal after last that ends at horizon.
func NextSeal(last Seal, horizon string) *Sealing {
	s := &Sealing{Seal{Number: last.Number + 1, Horizon: horizon}, sha256.New()}
	s.add("loveapp audit seal v1", last.Hash, fmt.Sprint(s.seal.Number), horizon)
	return s
}

// Add takes the next event in; their order is the store's, and always the same.
func (s *Sealing) Add(e SealedEvent) {
	s.seal.Events++
	s.add(e.ID, e.At.UTC().Format(time.RFC3339Nano), e.Kind, e.User, e.Session, e.IP, e.UserAgent, e.Data)
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
