package httpapi

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/julienschmidt/httprouter"

	"github.com/loveapp/backend/shared/cursor"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// page is every list of the API.
type page[T any] struct {
	Items      []T     `json:"items"`
	NextCursor *string `json:"nextCursor"`
}

// pageOf shows up to limit of the rows; a row more than that means another page behind the last one shown.
func pageOf[R, T any](rows []R, limit int, show func(R) T, position func(last R) string) page[T] {
	p := page[T]{Items: make([]T, 0, min(len(rows), limit))}
	if len(rows) > limit {
		rows = rows[:limit]
		next := position(rows[limit-1])
		p.NextCursor = &next
	}
	for _, row := range rows {
		p.Items = append(p.Items, show(row))
	}
	return p
}

// pathID is the id in the path; ok is false for what can be nobody's id.
func pathID(r *http.Request) (id string, ok bool) {
	id = strings.ToLower(httprouter.ParamsFromContext(r.Context()).ByName("id"))
	const canonical = 36
	return id, len(id) == canonical && uuid.Validate(id) == nil
}

func ticketID(r *http.Request) (domain.TicketID, error) {
	id, ok := pathID(r)
	if !ok {
		return "", domain.ErrTicketNotFound
	}
	return domain.TicketID(id), nil
}

func (a api) getTicket(w http.ResponseWriter, r *http.Request, caller domain.Caller) error {
	id, err := ticketID(r)
	if err != nil {
		return err
	}
	t, err := a.App.Ticket(r.Context(), caller, id)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusOK, ticketOf(t))
}

// ticketPosition is the cursor of lists of tickets.
type ticketPosition struct {
	CreatedAt time.Time `json:"ticketsBefore"`
	ID        string    `json:"ticket"`
}

func (a api) listTickets(w http.ResponseWriter, r *http.Request, caller domain.Caller) error {
	limit, at, err := cursor.ParsePage(r)
	if err != nil {
		return err
	}
	q, err := ticketQuery(r)
	if err != nil {
		return err
	}
	if at != "" {
		var position ticketPosition
		if err := a.Cursors.Decode(at, &position); err != nil {
			return err
		}
		q.Before = ports.TicketPosition{CreatedAt: position.CreatedAt, ID: domain.TicketID(position.ID)}
	}
	q.User, q.Limit = caller.User, limit+1
	tickets, err := a.App.List(r.Context(), q)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusOK, pageOf(tickets, limit, ticketOf, func(last domain.Ticket) string {
		return a.Cursors.Encode(ticketPosition{last.CreatedAt, string(last.ID)})
	}))
}

func ticketQuery(r *http.Request) (ports.TicketQuery, error) {
	query := r.URL.Query()
	var wrong []fault.Field
	scope, ok := single(query, "scope")
	if !ok || scope != "" && scope != "mine" && scope != "contact" {
		wrong = append(wrong, fault.Field{Field: "scope", Code: "unknown_value", Message: "must be mine or contact"})
	}
	status, ok := single(query, "status")
	if !ok || status != "" && !domain.Status(status).Known() {
		wrong = append(wrong, fault.Field{Field: "status", Code: "unknown_value", Message: "must be one status of a ticket"})
	}
	if len(wrong) > 0 {
		return ports.TicketQuery{}, fault.NewInvalid(wrong...)
	}
	return ports.TicketQuery{AsHelper: scope == "contact", Status: domain.Status(status)}, nil
}

// single is the value of a parameter that may be given once; an empty one is not given.
func single(query url.Values, name string) (string, bool) {
	return query.Get(name), len(query[name]) <= 1
}

// timelinePosition is the cursor of timelines.
type timelinePosition struct {
	Seq int `json:"afterEvent"`
}

func (a api) timeline(w http.ResponseWriter, r *http.Request, caller domain.Caller) error {
	id, err := ticketID(r)
	if err != nil {
		return err
	}
	limit, at, err := cursor.ParsePage(r)
	if err != nil {
		return err
	}
	var position timelinePosition
	if at != "" {
		if err := a.Cursors.Decode(at, &position); err != nil {
			return err
		}
	}
	events, err := a.App.Timeline(r.Context(), caller, id, position.Seq, limit+1)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusOK, pageOf(events, limit, eventOf, func(last domain.Event) string {
		return a.Cursors.Encode(timelinePosition{last.Seq})
	}))
}
