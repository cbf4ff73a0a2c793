package httpapi

import (
	"net/http"

	"github.com/loveapp/backend/shared/cursor"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/strictjson"
	"github.com/loveapp/backend/sos/internal/domain"
)

// contactBody is a contact as its owner describes it; what is left out stays as it is.
type contactBody struct {
	Name     *string `json:"name"`
	Email    *string `json:"email"`
	Phone    *string `json:"phone"`
	Priority *int    `json:"priority"`
	Locale   *string `json:"locale"`
}

// contactJSON never shows which account is behind a contact.
type contactJSON struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Email     *string   `json:"email"`
	Phone     *string   `json:"phone"`
	Priority  int       `json:"priority"`
	Locale    *string   `json:"locale"`
	Status    string    `json:"status"`
	CreatedAt timestamp `json:"createdAt"`
	UpdatedAt timestamp `json:"updatedAt"`
}

func contactOf(c domain.Contact) contactJSON {
	return contactJSON{
		string(c.ID), c.Name, orNull(c.Email), orNull(c.Phone), c.Priority, orNull(c.Locale), string(c.Status), timestamp(c.CreatedAt), timestamp(c.UpdatedAt),
	}
}

type invitedJSON struct {
	ID              string    `json:"id"`
	Name            string    `json:"name"`
	Status          string    `json:"status"`
	InviteToken     string    `json:"inviteToken"`
	InviteURL       string    `json:"inviteUrl"`
	InviteExpiresAt timestamp `json:"inviteExpiresAt"`
}

func (a api) inviteContact(w http.ResponseWriter, r *http.Request, caller domain.Caller) error {
	var body contactBody
	if err := strictjson.Decode(w, r, &body); err != nil {
		return err
	}
	once, err := repeatable(r, caller, "POST /v1/sos/contacts", body)
	if err != nil {
		return err
	}
	made, err := a.App.Invite(r.Context(), caller.User, domain.ContactDetails(body), once)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusCreated, invitedJSON{
		string(made.ID), made.Name, string(domain.Invited), made.Token, made.URL, timestamp(made.ExpiresAt),
	})
}

// contactPosition is the cursor of the list of contacts.
type contactPosition struct {
	ID string `json:"afterContact"`
}

func (a api) listContacts(w http.ResponseWriter, r *http.Request, caller domain.Caller) error {
	limit, at, err := cursor.ParsePage(r)
	if err != nil {
		return err
	}
	var position contactPosition
	if at != "" {
		if err := a.Cursors.Decode(at, &position); err != nil {
			return err
		}
	}
	contacts, err := a.App.Contacts(r.Context(), caller.User, domain.ContactID(position.ID), limit+1)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusOK, pageOf(contacts, limit, contactOf, func(last domain.Contact) string {
		return a.Cursors.Encode(contactPosition{string(last.ID)})
	}))
}

func (a api) changeContact(w http.ResponseWriter, r *http.Request, caller domain.Caller) error {
	id, ok := pathID(r)
	if !ok {
		return domain.ErrContactNotFound
	}
	var body contactBody
	if err := strictjson.Decode(w, r, &body); err != nil {
		return err
	}
	c, err := a.App.ChangeContact(r.Context(), caller.User, domain.ContactID(id), domain.ContactDetails(body))
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusOK, contactOf(c))
}

func (a api) removeContact(w http.ResponseWriter, r *http.Request, caller domain.Caller) error {
	id, ok := pathID(r)
	if !ok {
		return domain.ErrContactNotFound
	}
	if err := a.App.RemoveContact(r.Context(), caller.User, domain.ContactID(id)); err != nil {
		return err
	}
	return httpserver.NoContent(w)
}
