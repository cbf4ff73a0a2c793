package httpapi

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/event"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/strictjson"
	"github.com/loveapp/backend/shared/tracing"
)

// maxIntake is the largest body of another service: a full batch of long texts.
const maxIntake = 4 << 20

// intake is event.Notifications with data as it was written: numbers keep their digits.
type intake struct {
	Items []item `json:"items"`
}

type item struct {
	EventID   string          `json:"eventId"`
	UserIDs   []string        `json:"userIds"`
	Category  string          `json:"category"`
	Priority  string          `json:"priority"`
	Title     string          `json:"title"`
	Body      string          `json:"body"`
	Data      json.RawMessage `json:"data"`
	CreatedAt time.Time       `json:"createdAt"`
	ExpiresAt *time.Time      `json:"expiresAt"`
	Address   *event.Address  `json:"address"`
	Channels  []string        `json:"channels"`
	Trace     string          `json:"traceparent"`
}

func (i item) proposal() domain.Proposal {
	p := domain.Proposal{
		EventID: i.EventID, Users: i.UserIDs, Category: i.Category, Priority: i.Priority, Title: i.Title, Body: i.Body,
		Data: i.Data, CreatedAt: i.CreatedAt, ExpiresAt: i.ExpiresAt, Channels: i.Channels,
	}
	if tracing.IsCarried(i.Trace) {
		p.Trace = i.Trace
	}
	if a := i.Address; a != nil {
		p.Address = &domain.Address{Channel: domain.Channel(a.Channel), To: a.To, Locale: a.Locale}
	}
	return p
}

// accept is POST /internal/notifications.
func (a *api) accept(w http.ResponseWriter, r *http.Request) error {
	var body intake
	if err := strictjson.Decode(w, r, &body, strictjson.MaxBytes(maxIntake)); err != nil {
		return err
	}
	proposals := make([]domain.Proposal, len(body.Items))
	for i, item := range body.Items {
		proposals[i] = item.proposal()
	}
	accepted, err := a.app.Accept(r.Context(), proposals)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusAccepted, event.Accepted{Accepted: accepted.Accepted, NoChannel: accepted.NoChannel})
}
