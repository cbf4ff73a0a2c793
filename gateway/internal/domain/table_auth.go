package domain

import "slices"

func authRoutes() []Route {
	public := plain(Auth, Credentials, Public, Elevated)
	public.Secret = true
	session := public
	session.Access = SignedIn
	return slices.Concat(
		public.at(
			"POST /v1/auth/register",
			"POST /v1/auth/login",
			"POST /v1/auth/login/mfa",
			RefreshEndpoint,
			"POST /v1/auth/oidc/:provider",
			"POST /v1/auth/email/verify",
			"POST /v1/auth/email/resend",
			"POST /v1/auth/password/forgot",
			"POST /v1/auth/password/reset",
		),
		session.at(
			"POST /v1/auth/logout",
			"POST /v1/auth/reauthenticate",
			"GET /v1/auth/profile",
			"PATCH /v1/auth/profile",
			"DELETE /v1/auth/profile",
			"POST /v1/auth/email/change",
			"POST /v1/auth/phone/verify",
			"POST /v1/auth/phone/confirm",
			"POST /v1/auth/password/change",
			"GET /v1/auth/sessions",
			"DELETE /v1/auth/sessions/:id",
			"POST /v1/auth/mfa/totp",
			"DELETE /v1/auth/mfa/totp",
			"POST /v1/auth/mfa/totp/confirm",
		),
		session.taking(exportTimeout).at("GET /v1/auth/profile/export"),
		plain(Auth, General, Public, Elevated).cachedFor(keysCached).at("GET /.well-known/jwks.json"),
	)
}

// RefreshEndpoint is where a session gets its next tokens. Its caller's access
// token has usually expired, and still says which session is asking.
const RefreshEndpoint = "POST /v1/auth/refresh"

// Endpoint is the route as people write it: "GET /v1/things/:id".
func (r Route) Endpoint() string { return r.Method + " " + r.Pattern }

func adminRoutes() []Route {
	return slices.Concat(
		plain(Auth, General, SignedIn, Normal).at(
			"GET /v1/admin/users",
			"GET /v1/admin/users/:id",
			"PATCH /v1/admin/users/:id",
			"POST /v1/admin/users/:id/revoke-sessions",
			"GET /v1/admin/audit",
		),
		plain(Notification, General, SignedIn, Normal).at(
			"DELETE /v1/admin/notifications/:id",
			"GET /v1/admin/notifications/:id/deliveries",
			"GET /v1/admin/dead-letters",
			"POST /v1/admin/dead-letters/:id/replay",
			"GET /v1/admin/connections",
			"GET /v1/admin/notification-templates",
			"POST /v1/admin/notification-templates",
			"GET /v1/admin/notification-templates/:id",
			"PUT /v1/admin/notification-templates/:id",
			"DELETE /v1/admin/notification-templates/:id",
		),
		plain(SOS, General, SignedIn, Elevated).at(
			"GET /v1/admin/sos/tickets",
			"POST /v1/admin/sos/tickets/:id/assign",
			"GET /v1/admin/sos/escalation-policy",
			"PUT /v1/admin/sos/escalation-policy",
			"GET /v1/admin/sos/stats",
		),
	)
}
