package httpapi

import (
	"context"
	"net/http"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/strictjson"
	"github.com/loveapp/backend/sos/internal/app"
	"github.com/loveapp/backend/sos/internal/domain"
)

type answeredJSON struct {
	ID        string `json:"id"`
	Status    string `json:"status"`
	OwnerName string `json:"ownerName"`
}

func (a api) acceptInvitation(w http.ResponseWriter, r *http.Request, caller domain.Caller) error {
	return a.answerInvitation(w, r, caller, a.App.AcceptInvitation)
}

func (a api) declineInvitation(w http.ResponseWriter, r *http.Request, caller domain.Caller) error {
	return a.answerInvitation(w, r, caller, a.App.DeclineInvitation)
}

func (a api) answerInvitation(w http.ResponseWriter, r *http.Request, caller domain.Caller,
	answer func(context.Context, domain.UserID, string) (app.Answered, error),
) error {
	var body struct {
		Token string `json:"token"`
	}
	if err := strictjson.Decode(w, r, &body); err != nil {
		return err
	}
	if body.Token == "" {
		return fault.NewInvalid(fault.Field{Field: "token", Code: "required", Message: "must be the token of the invitation"})
	}
	answered, err := answer(r.Context(), caller.User, body.Token)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusOK, answeredJSON{string(answered.ID), string(answered.Status), answered.OwnerName})
}
