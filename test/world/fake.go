package world

import (
	"testing"

	"github.com/loveapp/backend/auth/authtest"
	"github.com/loveapp/backend/gateway/gatewaytest"
	"github.com/loveapp/backend/notification/notificationtest"
	"github.com/loveapp/backend/sos/sostest"
)

// fakeWorld is every service on adapters in memory, talking over loopback.
type fakeWorld struct {
	gateways []string
	auth     *authtest.Auth
}

// Fake runs it until the test ends. Copies of notification share what Redis and
// PostgreSQL hold in production; of auth and sos there is one copy each.
func Fake(tb testing.TB, size Size) World {
	tb.Helper()
	size = size.withDefaults()
	secret := newSecret()
	one := authtest.Start(tb, authtest.Options{InternalSecret: secret, AdminEmail: adminEmail, AdminPassword: adminPassword})
	auth := []string{one.URL}
	notification := fakeNotifications(tb, size.Services, notificationtest.Options{AuthURLs: auth, InternalSecret: secret})
	sos := []string{sostest.Start(tb, sostest.Options{AuthURLs: auth, NotificationURLs: notification, InternalSecret: secret}).URL}
	w := fakeWorld{auth: one}
	for range size.Gateways {
		gateway := gatewaytest.Start(tb, gatewaytest.Options{AuthURLs: auth, NotificationURLs: notification, SOSURLs: sos, InternalSecret: secret})
		w.gateways = append(w.gateways, gateway.URL)
	}
	return w
}

func fakeNotifications(tb testing.TB, copies int, o notificationtest.Options) []string {
	tb.Helper()
	o.Backplane = notificationtest.NewBackplane(nil)
	var urls []string
	for range copies {
		urls = append(urls, notificationtest.Start(tb, o).URL)
	}
	return urls
}

// Gateways are the gateways' URLs.
func (w fakeWorld) Gateways() []string { return w.gateways }
