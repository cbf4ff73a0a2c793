package domain_test

import (
	"strings"
	"testing"

	"github.com/loveapp/backend/gateway/internal/domain"
)

// contract is the public contract's list of endpoints, per service.
var contract = map[domain.Service]string{
	domain.Auth: `
		POST /v1/auth/register
		POST /v1/auth/login
		POST /v1/auth/login/mfa
		POST /v1/auth/refresh
		POST /v1/auth/logout
		GET /v1/auth/profile
		PATCH /v1/auth/profile
		DELETE /v1/auth/profile
		POST /v1/auth/reauthenticate
		POST /v1/auth/email/change
		POST /v1/auth/email/verify
		POST /v1/auth/email/resend
		POST /v1/auth/phone/verify
		POST /v1/auth/phone/confirm
		GET /v1/auth/profile/export
		GET /v1/auth/sessions
		DELETE /v1/auth/sessions/:id
		POST /v1/auth/password/change
		POST /v1/auth/password/forgot
		POST /v1/auth/password/reset
		POST /v1/auth/mfa/totp
		POST /v1/auth/mfa/totp/confirm
		DELETE /v1/auth/mfa/totp
		POST /v1/auth/oidc/:provider
		GET /v1/admin/users
		GET /v1/admin/users/:id
		PATCH /v1/admin/users/:id
		POST /v1/admin/users/:id/revoke-sessions
		GET /v1/admin/audit
		GET /.well-known/jwks.json`,
	domain.Notification: `
		GET /v1/notifications
		GET /v1/notifications/unread-count
		POST /v1/notifications/ack
		POST /v1/notifications/items/:id/read
		POST /v1/notifications/items/:id/unread
		DELETE /v1/notifications/items/:id
		POST /v1/notifications/read-all
		GET /v1/notifications/preferences
		PUT /v1/notifications/preferences
		GET /v1/notifications/devices
		POST /v1/notifications/devices
		DELETE /v1/notifications/devices/:id
		GET /v1/notifications/push-config
		POST /v1/notifications/ws-tickets
		POST /v1/notifications
		DELETE /v1/admin/notifications/:id
		GET /v1/admin/notifications/:id/deliveries
		GET /v1/admin/dead-letters
		POST /v1/admin/dead-letters/:id/replay
		GET /v1/admin/connections
		GET /v1/admin/notification-templates
		POST /v1/admin/notification-templates
		GET /v1/admin/notification-templates/:id
		PUT /v1/admin/notification-templates/:id
		DELETE /v1/admin/notification-templates/:id
		GET /v1/ws
		GET /v1/events`,
	domain.SOS: `
		POST /v1/sos/tickets
		POST /v1/sos/guest/tickets
		POST /v1/sos/guest/claim
		GET /v1/sos/tickets
		GET /v1/sos/tickets/:id
		GET /v1/sos/tickets/:id/timeline
		POST /v1/sos/tickets/:id/cancel
		POST /v1/sos/tickets/:id/resolve
		POST /v1/sos/tickets/:id/reopen
		POST /v1/sos/tickets/:id/acknowledge
		POST /v1/sos/tickets/:id/send-now
		POST /v1/sos/tickets/:id/comment
		POST /v1/sos/tickets/:id/raise
		POST /v1/sos/tickets/:id/locations
		GET /v1/sos/tickets/:id/trail
		POST /v1/sos/tickets/:id/calls
		POST /v1/sos/tickets/:id/shares
		GET /v1/sos/tickets/:id/shares
		DELETE /v1/sos/shares/:id
		POST /v1/sos/public/track
		POST /v1/sos/public/stream
		POST /v1/sos/public/ack
		GET /v1/sos/contacts
		POST /v1/sos/contacts
		PATCH /v1/sos/contacts/:id
		DELETE /v1/sos/contacts/:id
		POST /v1/sos/contacts/:id/test
		POST /v1/sos/contact-invitations/accept
		POST /v1/sos/contact-invitations/decline
		GET /v1/sos/invitations
		POST /v1/sos/invitations/:id/accept
		POST /v1/sos/invitations/:id/decline
		POST /v1/sos/public/contact-consents
		POST /v1/sos/public/call-events
		GET /v1/sos/pin
		PUT /v1/sos/pin
		DELETE /v1/sos/pin
		GET /v1/sos/emergency-numbers
		GET /v1/admin/sos/tickets
		POST /v1/admin/sos/tickets/:id/assign
		GET /v1/admin/sos/escalation-policy
		PUT /v1/admin/sos/escalation-policy
		GET /v1/admin/sos/stats`,
}

func routesByEndpoint(t *testing.T) map[string]domain.Route {
	t.Helper()
	routes := make(map[string]domain.Route)
	for _, r := range domain.Routes() {
		if _, twice := routes[r.Endpoint()]; twice {
			t.Errorf("%s stands in the table twice", r.Endpoint())
		}
		routes[r.Endpoint()] = r
	}
	return routes
}

func TestTheTableHasEveryPublicEndpointAndNoOther(t *testing.T) {
	t.Parallel()
	routes := routesByEndpoint(t)
	for service, list := range contract {
		for endpoint := range strings.Lines(strings.TrimSpace(list)) {
			endpoint = strings.TrimSpace(endpoint)
			if r, ok := routes[endpoint]; !ok || r.Service != service {
				t.Errorf("%s does not go to %s", endpoint, service)
			}
			delete(routes, endpoint)
		}
	}
	for endpoint := range routes {
		t.Errorf("%s is in the table and not in the contract", endpoint)
	}
}

func TestEveryRouteIsBounded(t *testing.T) {
	t.Parallel()
	for endpoint, r := range routesByEndpoint(t) {
		if r.Timeout <= 0 || r.BodyLimit <= 0 || strings.ContainsAny(r.Pattern, "*") {
			t.Errorf("%s: %+v", endpoint, r)
		}
	}
}

func TestAlarmsAreTheOnlyRoutesWithoutALimit(t *testing.T) {
	t.Parallel()
	for endpoint, r := range routesByEndpoint(t) {
		alarm := endpoint == "POST /v1/sos/tickets" || endpoint == "POST /v1/sos/guest/tickets"
		if (r.Class == domain.Unlimited) != alarm || (r.Kind == domain.Trigger) != alarm {
			t.Errorf("%s: class %s, kind %d", endpoint, r.Class, r.Kind)
		}
		if alarm && (r.Priority != domain.Emergency || r.Access == domain.SignedIn || r.BodyLimit != 16<<10) {
			t.Errorf("%s: %+v", endpoint, r)
		}
	}
}

func TestWhatKeepsSomebodySafeHasAClassThatLocationsOnceASecondDoNotExhaust(t *testing.T) {
	t.Parallel()
	routes := routesByEndpoint(t)
	for _, endpoint := range []string{
		"POST /v1/sos/tickets/:id/locations", "POST /v1/sos/tickets/:id/cancel", "POST /v1/sos/tickets/:id/acknowledge",
		"POST /v1/sos/tickets/:id/resolve", "POST /v1/notifications/ack",
	} {
		if routes[endpoint].Class != domain.Urgent {
			t.Errorf("%s is of class %s", endpoint, routes[endpoint].Class)
		}
	}
	var s domain.Standing
	if passed := flood(&s, seedLimits().For(domain.Urgent, false), start, 1e9, 2*3600*1e9); passed != 7200 {
		t.Errorf("%d of 7200 locations passed in two hours", passed)
	}
}

func TestAnswersWithSecretsAreNeverRepeated(t *testing.T) {
	t.Parallel()
	for endpoint, r := range routesByEndpoint(t) {
		secret := strings.Contains(endpoint, " /v1/auth/") || endpoint == "POST /v1/notifications/ws-tickets"
		if r.Secret != secret {
			t.Errorf("%s: secret %v", endpoint, r.Secret)
		}
	}
}
