package domain

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"
)

// Hash is one link of a chain; the zero one is before the first.
type Hash [sha256.Size]byte

// Line is a line of a timeline as it is stored, word for word: what a program
// makes of it may change, what was written may not.
type Line struct {
	Seq       int
	At        time.Time
	Kind      string
	ActorID   string
	ActorName string
	ActorKind string
	Data      map[string]any
}

// Seal says that the lines of a ticket up to Seq were such that their chain
// ended in Hash.
type Seal struct {
	Seq  int
	Hash Hash
}

// Chain goes on from prev: SHA-256 over the link before and the line, for each line.
func Chain(prev Hash, id TicketID, lines []Line) (Hash, error) {
	for _, line := range lines {
		text, err := json.Marshal(canonical{id, line.Seq, line.At.UTC().Format("2006-01-02T15:04:05.000000Z"), line.Kind, line.ActorID, line.ActorName, line.ActorKind, line.Data})
		if err != nil {
			return Hash{}, fmt.Errorf("line %d of ticket %s: %w", line.Seq, id, err)
		}
		prev = sha256.Sum256(append(prev[:], text...))
	}
	return prev, nil
}

// canonical is how a line is hashed. It must never change: add a version beside it instead.
type canonical struct {
	Ticket    TicketID       `json:"ticket"`
	Seq       int            `json:"seq"`
	At        string         `json:"at"`
	Kind      string         `json:"kind"`
	ActorID   string         `json:"actorId"`
	ActorName string         `json:"actorName"`
	ActorKind string         `json:"actorKind"`
	Data      map[string]any `json:"data"` // keys are written in alphabetical order
}

// BrokenSealError says that a timeline is not what it was.
type BrokenSealError struct {
	Ticket TicketID
	Seq    int // of the seal that does not fit
}

// Error names the ticket.
func (e *BrokenSealError) Error() string {
	return fmt.Sprintf("the timeline of ticket %s is not what was sealed at line %d", e.Ticket, e.Seq)
}

// Verify holds lines against seals, both in order; BrokenSealError names the
// first seal that does not fit. Lines behind the last seal are not judged.
func Verify(id TicketID, lines []Line, seals []Seal) error {
	var hash Hash
	done := 0
	for _, seal := range seals {
		if seal.Seq < done || seal.Seq > len(lines) {
			return &BrokenSealError{id, seal.Seq}
		}
		var err error
		if hash, err = Chain(hash, id, lines[done:seal.Seq]); err != nil {
			return err
		}
		if hash != seal.Hash {
			return &BrokenSealError{id, seal.Seq}
		}
		done = seal.Seq
	}
	return nil
}
