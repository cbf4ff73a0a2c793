package httpapi

import (
	"net/http"

	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/strictjson"
	"github.com/loveapp/backend/sos/internal/app"
	"github.com/loveapp/backend/sos/internal/domain"
)

type callBody struct {
	Service string `json:"service"`
	Dialled bool   `json:"dialled"`
}

type callJSON struct {
	Tel    string `json:"tel"`
	CallID string `json:"callId"`
}

func (a api) call(w http.ResponseWriter, r *http.Request, caller domain.Caller) error {
	var body callBody
	id, err := ticketID(r)
	if err != nil {
		return err
	}
	if err := strictjson.Decode(w, r, &body, strictjson.Optional()); err != nil {
		return err
	}
	once, err := repeatable(r, caller, "POST /v1/sos/tickets/"+string(id)+"/calls", body)
	if err != nil {
		return err
	}
	call, err := a.App.Call(r.Context(), caller, id, app.CallRequest{Service: body.Service, Dialled: body.Dialled, Once: once})
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusAccepted, callJSON{call.Number.Number, string(call.ID)})
}
