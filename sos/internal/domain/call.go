package domain

import (
	"time"

	"github.com/loveapp/backend/sos/internal/domain/hotline"
)

// CallID is one call to the authorities, made or about to be.
type CallID string

// Call is whom to dial; the phone does it, for nobody is called on a rule's word alone.
type Call struct {
	ID     CallID
	Number EmergencyNumber
}

// CallFrom is the call for the service wanted; where that is "", for the kind
// of emergency.
func (c *Case) CallFrom(id CallID, wanted hotline.Service) Call {
	numbers := EmergencyNumbers(c.Ticket.Location)
	if wanted == "" {
		return Call{id, NumberFor(numbers, c.Ticket.Type)}
	}
	return Call{id, hotline.Own(numbers, wanted)}
}

// Dialled says that somebody has spoken to the authorities. From then on the
// alarm can be ended, and not just taken back.
func (c *Case) Dialled(by Actor, call Call, now time.Time) error {
	moved, err := c.step(Dial, by)
	if moved {
		c.tell(EventDialled, by, now, map[string]any{"callId": string(call.ID), "service": string(call.Number.Service), "number": call.Number.Number})
	}
	return err
}
