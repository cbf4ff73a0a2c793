package httpapi

import (
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/strictjson"
	"github.com/loveapp/backend/sos/internal/app"
	"github.com/loveapp/backend/sos/internal/domain"
)

type shareBody struct {
	ContactID string `json:"contactId"`
	Name      string `json:"name"`
}

type sharedJSON struct {
	ID        string    `json:"id"`
	URL       string    `json:"url"`
	ExpiresAt timestamp `json:"expiresAt"`
}

// shareJSON is a link in its maker's list.
type shareJSON struct {
	ID        string     `json:"id"`
	ContactID *string    `json:"contactId"`
	Name      *string    `json:"name"`
	URL       *string    `json:"url"`
	CreatedAt timestamp  `json:"createdAt"`
	ExpiresAt timestamp  `json:"expiresAt"`
	RevokedAt *timestamp `json:"revokedAt"`
}

func (a api) share(w http.ResponseWriter, r *http.Request, caller domain.Caller) error {
	id, err := ticketID(r)
	if err != nil {
		return err
	}
	var body shareBody
	if err := strictjson.Decode(w, r, &body, strictjson.Optional()); err != nil {
		return err
	}
	contact := strings.ToLower(body.ContactID)
	if contact != "" && uuid.Validate(contact) != nil {
		return fault.NewInvalid(fault.Field{Field: "contactId", Code: "invalid_format", Message: "must be the id of a contact"})
	}
	once, err := repeatable(r, caller, "POST /v1/sos/tickets/"+string(id)+"/shares", body)
	if err != nil {
		return err
	}
	link, err := a.App.Share(r.Context(), caller, id, domain.ContactID(contact), body.Name, once)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusCreated, sharedJSON{string(link.ID), link.URL, timestamp(link.EndsAt)})
}

func (a api) listShares(w http.ResponseWriter, r *http.Request, caller domain.Caller) error {
	id, err := ticketID(r)
	if err != nil {
		return err
	}
	links, err := a.App.SharedLinks(r.Context(), caller, id)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusOK, pageOf(links, len(links), shareOf, func(app.SharedLink) string { return "" }))
}

func shareOf(l app.SharedLink) shareJSON {
	return shareJSON{
		string(l.ID), orNull(string(l.Contact)), orNull(l.Name), orNull(l.URL), timestamp(l.CreatedAt), timestamp(l.EndsAt), optional(l.RevokedAt),
	}
}

func (a api) unshare(w http.ResponseWriter, r *http.Request, caller domain.Caller) error {
	id, ok := pathID(r)
	if !ok {
		return domain.ErrShareNotFound
	}
	if err := a.App.Unshare(r.Context(), caller, domain.ShareID(id)); err != nil {
		return err
	}
	return httpserver.NoContent(w)
}
