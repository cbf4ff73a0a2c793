package domain

import "encoding/json"

// EndedTicket is the ticket of which the draft says that nobody needs help there
// any more; "" of any other draft. From then on it is nobody's business where
// that was: the sos service shows its contacts no place of such a ticket either.
func (d *Draft) EndedTicket() string {
	var said struct {
		Kind     string `json:"kind"`
		TicketID string `json:"ticketId"`
	}
	if d.Category != SOS || json.Unmarshal(d.Data, &said) != nil {
		return ""
	}
	switch said.Kind {
	case "sos.resolved", "sos.cancelled":
		return said.TicketID
	default:
		return ""
	}
}
