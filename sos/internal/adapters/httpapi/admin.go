package httpapi

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/loveapp/backend/shared/cursor"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/strictjson"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

var errStaffOnly = fault.New(fault.Forbidden, "forbidden", "This is for administrators.")

// forStaff takes access tokens of administrators.
func (a api) forStaff(next callerHandler) httpserver.Handler {
	return a.signedIn(func(w http.ResponseWriter, r *http.Request, caller domain.Caller) error {
		if !caller.Staff {
			return errStaffOnly
		}
		if err := a.Verifier.Informed(r.Context()); err != nil {
			return err
		}
		return next(w, r, caller)
	})
}

func (a api) allTickets(w http.ResponseWriter, r *http.Request, _ domain.Caller) error {
	limit, at, err := cursor.ParsePage(r)
	if err != nil {
		return err
	}
	q, err := allQuery(r.URL.Query())
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
	q.Limit = limit + 1
	tickets, err := a.App.AllTickets(r.Context(), q)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusOK, pageOf(tickets, limit, ticketOf, func(last domain.Ticket) string {
		return a.Cursors.Encode(ticketPosition{last.CreatedAt, string(last.ID)})
	}))
}

func allQuery(query url.Values) (ports.AllQuery, error) {
	var wrong []fault.Field
	status, ok := single(query, "status")
	if !ok || status != "" && !domain.Status(status).Known() {
		wrong = append(wrong, fault.Field{Field: "status", Code: "unknown_value", Message: "must be one status of a ticket"})
	}
	drill, field := yesNo(query, "drill")
	if wrong = append(wrong, field...); len(wrong) > 0 {
		return ports.AllQuery{}, fault.NewInvalid(wrong...)
	}
	return ports.AllQuery{Status: domain.Status(status), Drill: drill}, nil
}

// yesNo is a parameter that may be left out.
func yesNo(query url.Values, name string) (*bool, []fault.Field) {
	text, ok := single(query, name)
	yes, no := true, false
	switch {
	case ok && text == "":
		return nil, nil
	case ok && text == "true":
		return &yes, nil
	case ok && text == "false":
		return &no, nil
	}
	return nil, []fault.Field{{Field: name, Code: "unknown_value", Message: "must be true or false"}}
}

// maxUserID is longer than any id of an account.
const maxUserID = 128

func (a api) assign(w http.ResponseWriter, r *http.Request, caller domain.Caller) error {
	id, err := ticketID(r)
	if err != nil {
		return err
	}
	var body struct {
		UserID *string `json:"userId"`
	}
	if err := strictjson.Decode(w, r, &body, strictjson.Optional(), strictjson.RejectUnknown()); err != nil {
		return err
	}
	to := caller.User
	if body.UserID != nil {
		if to = domain.UserID(*body.UserID); to == "" || len(to) > maxUserID {
			return fault.NewInvalid(fault.Field{Field: "userId", Code: "invalid_length", Message: "must be the id of an account"})
		}
	}
	t, err := a.App.Assign(r.Context(), caller, id, to)
	if err != nil {
		return err
	}
	return writeTicket(w, t)
}

const (
	defaultStatsDays = 30
	maxStatsDays     = 90
	day              = 24 * time.Hour
)

type statsJSON struct {
	Since           timestamp      `json:"since"`
	Until           timestamp      `json:"until"`
	Drill           bool           `json:"drill"`
	Tickets         map[string]int `json:"tickets"`
	Acknowledgement ackStatsJSON   `json:"acknowledgement"`
	Escalations     []levelStats   `json:"escalations"`
}

type ackStatsJSON struct {
	Count int    `json:"count"`
	P50MS *int64 `json:"p50Ms"`
	P95MS *int64 `json:"p95Ms"`
}

type levelStats struct {
	Level   int `json:"level"`
	Tickets int `json:"tickets"`
}

func (a api) stats(w http.ResponseWriter, r *http.Request, _ domain.Caller) error {
	query, days := r.URL.Query(), defaultStatsDays
	drill, wrong := yesNo(query, "drill")
	if text, ok := single(query, "days"); !ok || text != "" {
		var err error
		if days, err = strconv.Atoi(text); !ok || err != nil || days < 1 || days > maxStatsDays {
			wrong = append(wrong, fault.Field{Field: "days", Code: "out_of_range", Message: "must be from 1 to 90"})
		}
	}
	if len(wrong) > 0 {
		return fault.NewInvalid(wrong...)
	}
	only := drill != nil && *drill
	s, err := a.App.Stats(r.Context(), time.Duration(days)*day, only)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusOK, statsOf(s, only))
}

func statsOf(s ports.Stats, drill bool) statsJSON {
	answer := statsJSON{
		Since: timestamp(s.Since), Until: timestamp(s.Until), Drill: drill, Tickets: map[string]int{},
		Acknowledgement: ackStatsJSON{Count: s.Acknowledged}, Escalations: []levelStats{},
	}
	for _, status := range domain.Statuses() {
		answer.Tickets[string(status)] = s.ByStatus[status]
	}
	if s.Acknowledged > 0 {
		p50, p95 := s.P50.Milliseconds(), s.P95.Milliseconds()
		answer.Acknowledgement.P50MS, answer.Acknowledgement.P95MS = &p50, &p95
	}
	for level := range domain.MaxLevels {
		if n := s.ByLevel[level]; n > 0 {
			answer.Escalations = append(answer.Escalations, levelStats{level, n})
		}
	}
	return answer
}
