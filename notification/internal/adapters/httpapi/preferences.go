package httpapi

import (
	"net/http"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/strictjson"
)

// preferences as they are shown: nothing is left out.
type preferences struct {
	Channels   map[domain.Category]channelSet `json:"channels"`
	QuietHours *quietHours                    `json:"quietHours"`
}

type channelSet struct {
	Push  bool `json:"push"`
	Email bool `json:"email"`
	SMS   bool `json:"sms"`
}

type quietHours struct {
	From     string `json:"from"`
	To       string `json:"to"`
	Timezone string `json:"timezone"`
}

func preferencesOf(p domain.Preferences) preferences {
	shown := preferences{Channels: map[domain.Category]channelSet{}}
	for _, category := range domain.Categories() {
		shown.Channels[category] = channelSet(p.Of(category))
	}
	if q := p.QuietHours; q != nil {
		shown.QuietHours = &quietHours{q.From.String(), q.To.String(), q.Zone.String()}
	}
	return shown
}

// wish is preferences as they are asked for: anything may be left out.
type wish struct {
	Channels   map[string]channelWish `json:"channels"`
	QuietHours *quietHours            `json:"quietHours"`
}

type channelWish struct {
	Push  *bool `json:"push"`
	Email *bool `json:"email"`
	SMS   *bool `json:"sms"`
}

func (w wish) domain() domain.Wish {
	asked := domain.Wish{Channels: make(map[string]domain.ChannelWish, len(w.Channels)), QuietHours: (*domain.QuietWish)(w.QuietHours)}
	for category, set := range w.Channels {
		asked.Channels[category] = domain.ChannelWish(set)
	}
	return asked
}

// showPreferences is GET /v1/notifications/preferences.
func (a *api) showPreferences(w http.ResponseWriter, r *http.Request, caller domain.Principal) error {
	p, err := a.app.Preferences(r.Context(), caller.User)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusOK, preferencesOf(p))
}

// putPreferences is PUT /v1/notifications/preferences.
func (a *api) putPreferences(w http.ResponseWriter, r *http.Request, caller domain.Principal) error {
	var body wish
	if err := strictjson.Decode(w, r, &body); err != nil {
		return err
	}
	p, err := a.app.Prefer(r.Context(), caller.User, body.domain())
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusOK, preferencesOf(p))
}
