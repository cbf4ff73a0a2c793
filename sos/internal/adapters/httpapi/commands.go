package httpapi

import (
	"net/http"

	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/strictjson"
	"github.com/loveapp/backend/sos/internal/domain"
)

// commandBody is what any command may come with; each reads what concerns it.
type commandBody struct {
	Outcome  string `json:"outcome"`
	Note     string `json:"note"`
	Priority string `json:"priority"`
	Pin      string `json:"pin"`
}

// command decodes a command and answers the ticket as it is then.
func (a api) command(w http.ResponseWriter, r *http.Request, do func(id domain.TicketID, body commandBody) (domain.Ticket, error)) error {
	var body commandBody
	id, err := ticketID(r)
	if err != nil {
		return err
	}
	if err := strictjson.Decode(w, r, &body, strictjson.Optional()); err != nil {
		return err
	}
	t, err := do(id, body)
	if err != nil {
		return err
	}
	return writeTicket(w, t)
}

// writeTicket answers a command. One that a standby has not confirmed yet is done
// nevertheless; asked again it changes nothing, and may be confirmed by then.
func writeTicket(w http.ResponseWriter, t domain.Ticket) error {
	if t.Durability == domain.Unconfirmed {
		w.Header().Set("Retry-After", retryUnconfirmed)
	}
	return httpserver.WriteJSON(w, http.StatusOK, ticketOf(t))
}

func (a api) sendNow(w http.ResponseWriter, r *http.Request, caller domain.Caller) error {
	return a.command(w, r, func(id domain.TicketID, _ commandBody) (domain.Ticket, error) {
		return a.App.SendNow(r.Context(), caller, id)
	})
}

func (a api) acknowledge(w http.ResponseWriter, r *http.Request, caller domain.Caller) error {
	return a.command(w, r, func(id domain.TicketID, body commandBody) (domain.Ticket, error) {
		return a.App.Acknowledge(r.Context(), caller, id, body.Note)
	})
}

func (a api) resolve(w http.ResponseWriter, r *http.Request, caller domain.Caller) error {
	return a.command(w, r, func(id domain.TicketID, body commandBody) (domain.Ticket, error) {
		return a.App.Resolve(r.Context(), caller, id, domain.Outcome(body.Outcome), body.Note, body.Pin)
	})
}

func (a api) cancel(w http.ResponseWriter, r *http.Request, caller domain.Caller) error {
	return a.command(w, r, func(id domain.TicketID, body commandBody) (domain.Ticket, error) {
		return a.App.Cancel(r.Context(), caller, id, body.Note, body.Pin)
	})
}

func (a api) reopen(w http.ResponseWriter, r *http.Request, caller domain.Caller) error {
	return a.command(w, r, func(id domain.TicketID, body commandBody) (domain.Ticket, error) {
		return a.App.Reopen(r.Context(), caller, id, body.Note)
	})
}

func (a api) raise(w http.ResponseWriter, r *http.Request, caller domain.Caller) error {
	return a.command(w, r, func(id domain.TicketID, body commandBody) (domain.Ticket, error) {
		return a.App.Raise(r.Context(), caller, id, domain.Priority(body.Priority), body.Note)
	})
}

func (a api) comment(w http.ResponseWriter, r *http.Request, caller domain.Caller) error {
	return a.command(w, r, func(id domain.TicketID, body commandBody) (domain.Ticket, error) {
		once, err := repeatable(r, caller, "POST /v1/sos/tickets/"+string(id)+"/comment", body)
		if err != nil {
			return domain.Ticket{}, err
		}
		return a.App.Comment(r.Context(), caller, id, body.Note, once)
	})
}
