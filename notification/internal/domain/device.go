package domain

import "time"

// DeviceID names an installation of the app (or a browser) that takes pushes.
type DeviceID string

// ParseDeviceID takes a UUID in any case and gives its canonical, small form.
func ParseDeviceID(text string) (DeviceID, bool) {
	id, ok := parseUUID(text)
	return DeviceID(id), ok
}

// MaxDevices is how many a user may have; one more takes the place of the one
// that was heard of longest ago.
const MaxDevices = 20

// Device is one installation that can be reached by push.
type Device struct {
	ID   DeviceID
	User UserID
	// Session is that under which it was registered: the device goes with it.
	Session SessionID
	// Installation is the app's own name for itself; a repeat under it changes the device.
	Installation string
	Provider     Provider // fcm, apns or webpush
	Token        string   // of fcm and apns
	Subscription Subscription
	Environment  Environment // of apns
	AppID        string      // of apns; else ""
	AppVersion   string
	Locale       string
	CreatedAt    time.Time
	// RefreshedAt is when the app last registered it.
	RefreshedAt time.Time
}

// Address is what the provider knows the device by: a token, or the endpoint of
// a subscription. Two devices with the same one are the same.
func (d Device) Address() string {
	if d.Provider == WebPush {
		return d.Subscription.Endpoint
	}
	return d.Token
}

// Target is where a push for the device goes.
func (d Device) Target() Target {
	return Target{
		Channel: Push, Provider: d.Provider, Device: d.ID, Token: d.Token,
		Environment: d.Environment, AppID: d.AppID, Subscription: d.Subscription,
		Locale: d.Locale,
	}
}
