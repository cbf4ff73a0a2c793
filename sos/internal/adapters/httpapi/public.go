package httpapi

import (
	"net/http"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/strictjson"
	"github.com/loveapp/backend/sos/internal/domain"
)

// publicJSON is all that a link shows.
type publicJSON struct {
	Status         string          `json:"status"`
	EmergencyType  string          `json:"emergencyType"`
	Reporter       publicReporter  `json:"reporter"`
	Location       *locationJSON   `json:"location"`
	Drill          bool            `json:"drill"`
	Acknowledged   bool            `json:"acknowledged"`
	CanAcknowledge bool            `json:"canAcknowledge"`
	Outcome        *domain.Outcome `json:"outcome"`
	CreatedAt      timestamp       `json:"createdAt"`
	UpdatedAt      timestamp       `json:"updatedAt"`
	ClosedAt       *timestamp      `json:"closedAt"`
	ExpiresAt      timestamp       `json:"expiresAt"`
}

type publicReporter struct {
	FirstName string `json:"firstName"`
}

func publicOf(v domain.PublicView) publicJSON {
	return publicJSON{
		string(v.Status), string(v.Type),
		publicReporter{v.Reporter},
		locationOf(v.Location), v.Drill, v.Acknowledged, v.CanAcknowledge,
		orNull(v.Outcome), timestamp(v.CreatedAt), timestamp(v.UpdatedAt), optional(v.ClosedAt), timestamp(v.ExpiresAt),
	}
}

// byLink is what holders of a link send: in the body, where no log and no
// history of a browser keeps it.
type byLink struct {
	Token string `json:"token"`
	Note  string `json:"note"`
}

func readLink(w http.ResponseWriter, r *http.Request) (byLink, error) {
	var body byLink
	if err := strictjson.Decode(w, r, &body); err != nil {
		return byLink{}, err
	}
	if body.Token == "" {
		return byLink{}, fault.NewInvalid(fault.Field{Field: "token", Code: "required", Message: "must be what stands behind the # of the link"})
	}
	return body, nil
}

func (a api) viewByLink(w http.ResponseWriter, r *http.Request) error {
	body, err := readLink(w, r)
	if err != nil {
		return err
	}
	view, err := a.App.ViewByLink(r.Context(), body.Token)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusOK, publicOf(view))
}

func (a api) acknowledgeByLink(w http.ResponseWriter, r *http.Request) error {
	body, err := readLink(w, r)
	if err != nil {
		return err
	}
	view, err := a.App.AcknowledgeByLink(r.Context(), body.Token, body.Note)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusOK, publicOf(view))
}
