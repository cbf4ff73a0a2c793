package httpapi

import (
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"time"

	"github.com/julienschmidt/httprouter"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/strictjson"
	"github.com/loveapp/backend/shared/tracing"
)

type announcement struct {
	UserIDs   []string        `json:"userIds"`
	Category  string          `json:"category"`
	Priority  string          `json:"priority"`
	Title     string          `json:"title"`
	Body      string          `json:"body"`
	Data      json.RawMessage `json:"data"`
	ExpiresAt *time.Time      `json:"expiresAt"`
	Topic     string          `json:"topic,omitempty"` // left out where it is not given: the fingerprints of older requests stay
	SendAt    *time.Time      `json:"sendAt,omitempty"`
	Template  string          `json:"template,omitempty"`
}

func (a announcement) proposal() domain.Proposal {
	return domain.Proposal{
		Users: a.UserIDs, Category: a.Category, Priority: a.Priority, Title: a.Title, Body: a.Body, Data: a.Data, ExpiresAt: a.ExpiresAt,
		Topic: a.Topic, SendAt: a.SendAt, Template: a.Template,
	}
}

type receipt struct {
	ID       string `json:"id"`
	Accepted int    `json:"accepted"`
}

// announce is POST /v1/notifications.
func (a *api) announce(w http.ResponseWriter, r *http.Request, caller domain.Principal) error {
	var body announcement
	if err := strictjson.Decode(w, r, &body); err != nil {
		return err
	}
	key, err := idempotencyKey(r, body)
	if err != nil {
		return err
	}
	proposal := body.proposal()
	proposal.Trace = tracing.Carried(r.Context())
	made, err := a.app.Announce(r.Context(), caller.User, key, proposal)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusAccepted, receipt{made.ID, made.Accepted})
}

// cancel is DELETE /v1/admin/notifications/:id.
func (a *api) cancel(w http.ResponseWriter, r *http.Request, _ domain.Principal) error {
	id, ok := domain.ParseNotificationID(httprouter.ParamsFromContext(r.Context()).ByName("id"))
	if !ok {
		return domain.ErrAnnouncementNotFound
	}
	if err := a.app.Cancel(r.Context(), string(id)); err != nil {
		return err
	}
	return httpserver.NoContent(w)
}

// maxKey is the longest Idempotency-Key, in bytes.
const maxKey = 255

var errKey = fault.NewInvalid(fault.Field{Field: "Idempotency-Key", Code: "invalid_format", Message: "must be given once, as 1 to 255 visible ASCII characters"})

// idempotencyKey reads the header. What body asks for is its fingerprint, not
// how it was spelt.
func idempotencyKey(r *http.Request, body any) (domain.IdempotencyKey, error) {
	values := r.Header.Values("Idempotency-Key")
	if len(values) == 0 {
		return domain.IdempotencyKey{}, nil
	}
	if len(values) > 1 || !isVisible(values[0]) {
		return domain.IdempotencyKey{}, errKey
	}
	canonical, err := json.Marshal(body)
	if err != nil {
		return domain.IdempotencyKey{}, err
	}
	return domain.IdempotencyKey{Value: values[0], Fingerprint: sha256.Sum256(canonical)}, nil
}

func isVisible(key string) bool {
	for i := range len(key) {
		if key[i] <= ' ' || key[i] > '~' {
			return false
		}
	}
	return key != "" && len(key) <= maxKey
}
