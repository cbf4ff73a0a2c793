package memory_test

import (
	"errors"
	"testing"

	"github.com/loveapp/backend/sos/internal/adapters/memory"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
	"github.com/loveapp/backend/sos/internal/ports/portstest"
)

func TestTheCallerKeepsItsContract(t *testing.T) {
	t.Parallel()
	portstest.RunCaller(t, func(*testing.T) portstest.Line {
		c := &memory.Caller{}
		return portstest.Line{
			Caller: c,
			Fail: func(failing bool) {
				if c.Fail(nil); failing {
					c.Fail(errors.New("down"))
				}
			},
			Refuse: func() { c.Fail(ports.ErrRefused) },
			Placed: func() int { return len(c.Orders()) },
			Say: func(call domain.CallID, provider string, state domain.CallState) ports.SignedEvent {
				return ports.SignedEvent{
					Query: "call=" + string(call), Signature: memory.CallSignature, Form: map[string][]string{"CallSid": {provider}, "CallStatus": {string(state)}},
				}
			},
		}
	})
}
