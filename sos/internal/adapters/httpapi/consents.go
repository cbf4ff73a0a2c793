package httpapi

import (
	"net/http"

	"github.com/loveapp/backend/shared/cursor"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/strictjson"
	"github.com/loveapp/backend/sos/internal/app"
	"github.com/loveapp/backend/sos/internal/domain"
)

type addressedJSON struct {
	ID        string    `json:"id"`
	OwnerName string    `json:"ownerName"`
	CreatedAt timestamp `json:"createdAt"`
	ExpiresAt timestamp `json:"expiresAt"`
}

// addressedPosition is the cursor of the list of invitations.
type addressedPosition struct {
	ID string `json:"afterInvitation"`
}

func (a api) listInvitations(w http.ResponseWriter, r *http.Request, caller domain.Caller) error {
	limit, at, err := cursor.ParsePage(r)
	if err != nil {
		return err
	}
	var position addressedPosition
	if at != "" {
		if err := a.Cursors.Decode(at, &position); err != nil {
			return err
		}
	}
	invitations, err := a.App.AddressedInvitations(r.Context(), caller.User, domain.InvitationID(position.ID), limit+1)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusOK, pageOf(invitations, limit, func(i app.AddressedInvitation) addressedJSON {
		return addressedJSON{string(i.ID), i.OwnerName, timestamp(i.CreatedAt), timestamp(i.ExpiresAt)}
	}, func(last app.AddressedInvitation) string { return a.Cursors.Encode(addressedPosition{string(last.ID)}) }))
}

func (a api) acceptAddressed(w http.ResponseWriter, r *http.Request, caller domain.Caller) error {
	return a.answerAddressed(w, r, caller, true)
}

func (a api) declineAddressed(w http.ResponseWriter, r *http.Request, caller domain.Caller) error {
	return a.answerAddressed(w, r, caller, false)
}

func (a api) answerAddressed(w http.ResponseWriter, r *http.Request, caller domain.Caller, accept bool) error {
	id, ok := pathID(r)
	if !ok {
		return domain.ErrInvitationNotFound
	}
	answered, err := a.App.AnswerAddressed(r.Context(), caller.User, domain.InvitationID(id), accept)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusOK, answeredJSON{string(answered.ID), string(answered.Status), answered.OwnerName})
}

// consent is for people without an account: the token, which only a mail or
// text has brought them, is all that they have.
func (a api) consent(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Token  string `json:"token"`
		Accept *bool  `json:"accept"`
	}
	if err := strictjson.Decode(w, r, &body); err != nil {
		return err
	}
	var wrong []fault.Field
	if body.Token == "" {
		wrong = append(wrong, fault.Field{Field: "token", Code: "required", Message: "must be what stands behind the # of the link"})
	}
	if body.Accept == nil {
		wrong = append(wrong, fault.Field{Field: "accept", Code: "required", Message: "must be true or false"})
	}
	if len(wrong) > 0 {
		return fault.NewInvalid(wrong...)
	}
	answered, err := a.App.Consent(r.Context(), body.Token, *body.Accept)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusOK, answeredJSON{string(answered.ID), string(answered.Status), answered.OwnerName})
}

func (a api) testContact(w http.ResponseWriter, r *http.Request, caller domain.Caller) error {
	id, ok := pathID(r)
	if !ok {
		return domain.ErrContactNotFound
	}
	if err := a.App.TestContact(r.Context(), caller.User, domain.ContactID(id)); err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusAccepted, struct {
		Status string `json:"status"`
	}{"sent"})
}
