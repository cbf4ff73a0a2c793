package losses

import (
	"fmt"
	"testing"
)

// Where seqs leap with a new primary, what a resume brings does not follow on what
// the client has; what comes live meanwhile comes again with the resume.
func TestWhatAResumeBringsBeyondALeapIsShownOnceAndInOrder(t *testing.T) {
	t.Parallel()
	c := &client{ahead: map[int64]bool{}, ids: map[string]bool{}, shown: map[string]sighting{}}
	c.resumed(0, 0)
	hear := func(seqs ...int64) {
		for _, seq := range seqs {
			c.note(notification{ID: fmt.Sprint(seq), Title: fmt.Sprint(seq), Priority: "medium", Seq: seq}, 0)
		}
	}
	hear(1, 2)
	c.begin()
	hear(1002, 1003)             // live, before the resume is answered
	hear(1001, 1002, 1003, 1004) // the resume
	c.resumed(1004, 0)
	hear(1005)
	const all = 7
	if len(c.shown) != all || c.last != 1005 || len(c.ahead) != 0 || c.disordered != 0 || len(c.twice) != 0 {
		t.Errorf("shown %d, stands at %d, beyond that %v, %d out of order, twice %v", len(c.shown), c.last, c.ahead, c.disordered, c.twice)
	}
}
