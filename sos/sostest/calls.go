package sostest

import (
	"fmt"

	"github.com/loveapp/backend/sos/internal/adapters/memory"
	"github.com/loveapp/backend/sos/internal/ports"
)

// CallSignature is what the provider of calls signs what it says with.
const CallSignature = memory.CallSignature

// PlacedCall is a call that the provider was asked to make.
type PlacedCall struct{ ID, Words, Join string }

// PlacedCalls are all of them, in order.
func (s *SOS) PlacedCalls() []PlacedCall {
	var made []PlacedCall
	for _, o := range s.caller.Orders() {
		made = append(made, PlacedCall{string(o.ID), o.Words, o.Join})
	}
	return made
}

// AwaitCalls waits until there are as many.
func (s *SOS) AwaitCalls(n int) []PlacedCall {
	s.tb.Helper()
	return awaited(s, fmt.Sprintf("%d calls", n), n, s.PlacedCalls)
}

// FailCalls makes the provider fail; nil ends that. refused: it will never take the call.
func (s *SOS) FailCalls(err error) { s.caller.Fail(err) }

// ErrCallRefused is how the provider refuses for good.
var ErrCallRefused = ports.ErrRefused
