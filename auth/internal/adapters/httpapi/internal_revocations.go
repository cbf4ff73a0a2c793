package httpapi

import (
	"net/http"
	"strconv"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/httpserver"
)

type revocationView struct {
	Revision  int64   `json:"revision"`
	SessionID string  `json:"sessionId"` // "" where it is about all of a user's older tokens
	UserID    string  `json:"userId"`
	Before    *string `json:"before"` // null where it is about a session
	At        string  `json:"at"`
}

type revocationFeed struct {
	Revision int64            `json:"revision"` // what the reader has reached with this page
	Items    []revocationView `json:"items"`
	Complete bool             `json:"complete"` // nothing beyond it yet
}

func (a api) revocations(w http.ResponseWriter, r *http.Request) error {
	since := int64(0)
	if text := r.URL.Query().Get("since"); text != "" {
		revision, err := strconv.ParseUint(text, 10, 63)
		if err != nil {
			return fault.NewInvalid(fault.Field{Field: "since", Code: "invalid_format", Message: "must be a revision"})
		}
		since = int64(revision)
	}
	page, err := a.App.RevocationsAfter(r.Context(), since)
	if err != nil {
		return err
	}
	feed := revocationFeed{Revision: page.Revision, Items: make([]revocationView, 0, len(page.Items)), Complete: !page.More}
	for _, item := range page.Items {
		feed.Items = append(feed.Items, viewRevocation(item))
	}
	return httpserver.WriteJSON(w, http.StatusOK, feed)
}

func viewRevocation(r domain.Revocation) revocationView {
	view := revocationView{Revision: r.Revision, SessionID: string(r.Session), UserID: string(r.User), At: timestamp(r.At)}
	if !r.Before.IsZero() {
		before := timestamp(r.Before)
		view.Before = &before
	}
	return view
}
