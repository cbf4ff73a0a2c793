package httpapi

import (
	"net/http"
	"time"

	"github.com/julienschmidt/httprouter"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/cursor"
	"github.com/loveapp/backend/shared/httpserver"
)

// deliveryJSON is the log's line about one message; of an address it shows enough
// to recognise it, and of a device its id.
type deliveryJSON struct {
	ID             domain.DeliveryID    `json:"id"`
	EventID        string               `json:"eventId"`
	NotificationID *string              `json:"notificationId"`
	UserID         *string              `json:"userId"`
	Channel        domain.Channel       `json:"channel"`
	Provider       domain.Provider      `json:"provider"`
	DeviceID       *string              `json:"deviceId"`
	Address        *string              `json:"address"`
	Category       domain.Category      `json:"category"`
	Priority       domain.Priority      `json:"priority"`
	State          domain.DeliveryState `json:"state"`
	Attempts       int                  `json:"attempts"`
	Code           *string              `json:"code"`
	ProviderID     *string              `json:"providerId"`
	Bypassed       bool                 `json:"bypassedPreferences"`
	CreatedAt      string               `json:"createdAt"`
	NextAttemptAt  *string              `json:"nextAttemptAt"`
	SettledAt      *string              `json:"settledAt"`
}

func deliveryOf(d domain.Delivery) deliveryJSON {
	j := deliveryJSON{
		ID: d.ID, EventID: d.Event, NotificationID: orNull(string(d.Notification)), UserID: orNull(string(d.User)),
		Channel: d.Provider.Channel(), Provider: d.Provider, DeviceID: orNull(string(d.Device)), Address: orNull(d.ShownAs),
		Category: d.Category, Priority: d.Priority, State: d.State, Attempts: d.Attempts, Code: orNull(d.Code), ProviderID: orNull(d.ProviderID),
		Bypassed: d.Bypassed, CreatedAt: stamp(d.CreatedAt),
	}
	if d.State == domain.Waiting {
		next := stamp(d.DueAt)
		j.NextAttemptAt = &next
	}
	if d.SettledAt != nil {
		settled := stamp(*d.SettledAt)
		j.SettledAt = &settled
	}
	return j
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

type deliveryPage struct {
	Items      []deliveryJSON `json:"items"`
	NextCursor *string        `json:"nextCursor"`
}

func (a *api) deliveryPage(items []domain.Delivery, next any) deliveryPage {
	page := deliveryPage{Items: make([]deliveryJSON, len(items))}
	for i, d := range items {
		page.Items[i] = deliveryOf(d)
	}
	if next != nil {
		text := a.cursors.Encode(next)
		page.NextCursor = &text
	}
	return page
}

// deliveryPosition and deadPosition are what cursors of the two lists hold; one
// does not open the other.
type deliveryPosition struct {
	At time.Time         `json:"deliveredAfter"`
	ID domain.DeliveryID `json:"id"`
}

type deadPosition struct {
	At time.Time         `json:"deadBefore"`
	ID domain.DeliveryID `json:"id"`
}

// deliveries is GET /v1/admin/notifications/:id/deliveries. The id is that of a
// notification, or the one that an announcement was given.
func (a *api) deliveries(w http.ResponseWriter, r *http.Request, _ domain.Principal) error {
	limit, from, err := cursor.ParsePage(r)
	if err != nil {
		return err
	}
	var at deliveryPosition
	if from != "" {
		if err := a.cursors.Decode(from, &at); err != nil {
			return err
		}
	}
	id, ok := domain.ParseNotificationID(httprouter.ParamsFromContext(r.Context()).ByName("id"))
	if !ok {
		return domain.ErrAnnouncementNotFound
	}
	items, next, err := a.app.DeliveriesOf(r.Context(), string(id), domain.Position(at), limit)
	if err != nil {
		return err
	}
	page := a.deliveryPage(items, nil)
	if next != nil {
		page = a.deliveryPage(items, deliveryPosition(*next))
	}
	return httpserver.WriteJSON(w, http.StatusOK, page)
}

// deadLetters is GET /v1/admin/dead-letters.
func (a *api) deadLetters(w http.ResponseWriter, r *http.Request, _ domain.Principal) error {
	limit, from, err := cursor.ParsePage(r)
	if err != nil {
		return err
	}
	var at deadPosition
	if from != "" {
		if err := a.cursors.Decode(from, &at); err != nil {
			return err
		}
	}
	items, next, err := a.app.DeadLetters(r.Context(), domain.Position(at), limit)
	if err != nil {
		return err
	}
	page := a.deliveryPage(items, nil)
	if next != nil {
		page = a.deliveryPage(items, deadPosition(*next))
	}
	return httpserver.WriteJSON(w, http.StatusOK, page)
}

// replay is POST /v1/admin/dead-letters/:id/replay.
func (a *api) replay(w http.ResponseWriter, r *http.Request, _ domain.Principal) error {
	id, ok := domain.ParseDeliveryID(httprouter.ParamsFromContext(r.Context()).ByName("id"))
	if !ok {
		return domain.ErrDeliveryNotFound
	}
	d, err := a.app.Replay(r.Context(), id)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusAccepted, deliveryOf(d))
}
