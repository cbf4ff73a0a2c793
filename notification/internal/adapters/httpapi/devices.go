package httpapi

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/julienschmidt/httprouter"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/wire"
	"github.com/loveapp/backend/shared/cursor"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/strictjson"
)

type (
	// registration is what a device says of itself. Subscription is what a browser
	// gives (PushSubscription.toJSON of the W3C Push API).
	registration struct {
		InstallationID string       `json:"installationId"`
		Provider       string       `json:"provider"`
		Token          string       `json:"token"`
		Subscription   subscription `json:"subscription"`
		Environment    string       `json:"environment"`
		AppID          string       `json:"appId"`
		AppVersion     string       `json:"appVersion"`
		Locale         string       `json:"locale"`
	}
	subscription struct {
		Endpoint string           `json:"endpoint"`
		Keys     subscriptionKeys `json:"keys"`
	}
	subscriptionKeys struct {
		P256DH string `json:"p256dh"`
		Auth   string `json:"auth"`
	}
	// device is what is shown of one: nothing that it could be reached by.
	device struct {
		ID             string    `json:"id"`
		InstallationID string    `json:"installationId"`
		Provider       string    `json:"provider"`
		Environment    string    `json:"environment,omitempty"`
		AppID          string    `json:"appId,omitempty"`
		AppVersion     string    `json:"appVersion,omitempty"`
		Locale         string    `json:"locale,omitempty"`
		Current        bool      `json:"current"`
		CreatedAt      wire.Time `json:"createdAt"`
		UpdatedAt      wire.Time `json:"updatedAt"`
	}
	// afterDevice is what a cursor of this list holds.
	afterDevice struct {
		ID domain.DeviceID `json:"deviceAfter"`
	}
)

func (r registration) registration() domain.Registration {
	return domain.Registration{
		Installation: r.InstallationID, Provider: r.Provider, Token: r.Token,
		Subscription: domain.Subscription{Endpoint: r.Subscription.Endpoint, P256DH: r.Subscription.Keys.P256DH, Auth: r.Subscription.Keys.Auth},
		Environment:  r.Environment, AppID: r.AppID, AppVersion: r.AppVersion, Locale: r.Locale,
	}
}

func shown(d domain.Device, caller domain.Principal) device {
	return device{
		ID: string(d.ID), InstallationID: d.Installation, Provider: string(d.Provider), Environment: string(d.Environment), AppID: d.AppID,
		AppVersion: d.AppVersion, Locale: d.Locale, Current: d.Session == caller.Session,
		CreatedAt: wire.Time(d.CreatedAt), UpdatedAt: wire.Time(d.RefreshedAt),
	}
}

// registerDevice is POST /v1/notifications/devices: 201 for a new one, 200 for
// one that is known by its installationId. Repeating it is harmless without a key.
func (a *api) registerDevice(w http.ResponseWriter, r *http.Request, caller domain.Principal) error {
	var body registration
	if err := strictjson.Decode(w, r, &body); err != nil {
		return err
	}
	stored, created, err := a.app.RegisterDevice(r.Context(), caller, body.registration())
	if err != nil {
		return err
	}
	status := http.StatusOK
	if created {
		status = http.StatusCreated
	}
	return httpserver.WriteJSON(w, status, shown(stored, caller))
}

// listDevices is GET /v1/notifications/devices, in the order in which they came.
func (a *api) listDevices(w http.ResponseWriter, r *http.Request, caller domain.Principal) error {
	limit, from, err := cursor.ParsePage(r)
	if err != nil {
		return err
	}
	var at afterDevice
	if from != "" {
		if err := a.cursors.Decode(from, &at); err != nil {
			return err
		}
		if at.ID == "" {
			return cursor.ErrInvalid
		}
	}
	found, err := a.app.Devices(r.Context(), caller.User)
	if err != nil {
		return err
	}
	slices.SortFunc(found, func(x, y domain.Device) int { return cmp.Compare(x.ID, y.ID) })
	page := listing[device]{Items: []device{}}
	for _, d := range found {
		if d.ID <= at.ID {
			continue
		}
		if len(page.Items) == limit {
			next := a.cursors.Encode(afterDevice{domain.DeviceID(page.Items[limit-1].ID)})
			page.NextCursor = &next
			break
		}
		page.Items = append(page.Items, shown(d, caller))
	}
	return httpserver.WriteJSON(w, http.StatusOK, page)
}

// removeDevice is DELETE /v1/notifications/devices/:id.
func (a *api) removeDevice(w http.ResponseWriter, r *http.Request, caller domain.Principal) error {
	id, ok := domain.ParseDeviceID(httprouter.ParamsFromContext(r.Context()).ByName("id"))
	if !ok {
		return domain.ErrDeviceNotFound
	}
	if err := a.app.RemoveDevice(r.Context(), caller.User, id); err != nil {
		return err
	}
	return httpserver.NoContent(w)
}

type pushConfig struct {
	VAPIDPublicKey *string `json:"vapidPublicKey"`
}

// pushConfig is GET /v1/notifications/push-config, for anybody: the key is
// public. null says that this server has no Web Push.
func (a *api) pushConfig(w http.ResponseWriter, _ *http.Request) error {
	var answer pushConfig
	if key := a.app.PushKey(); key != "" {
		answer.VAPIDPublicKey = &key
	}
	return httpserver.WriteJSON(w, http.StatusOK, answer)
}
