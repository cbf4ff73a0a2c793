package domain

import "slices"

func sosRoutes() []Route {
	trigger := plain(SOS, Unlimited, Reporter, Emergency).taking(sosTimeout)
	trigger.Kind, trigger.BodyLimit = Trigger, triggerLimit
	urgent := plain(SOS, Urgent, Reporter, Emergency).taking(sosTimeout)
	ticket := plain(SOS, Assistance, Reporter, Elevated)
	return slices.Concat(
		trigger.at(
			"POST /v1/sos/tickets",
			"POST /v1/sos/guest/tickets",
		),
		urgent.at(
			"POST /v1/sos/tickets/:id/cancel",
			"POST /v1/sos/tickets/:id/resolve",
			"POST /v1/sos/tickets/:id/acknowledge",
			"POST /v1/sos/tickets/:id/send-now",
			"POST /v1/sos/tickets/:id/locations",
		),
		ticket.at(
			"GET /v1/sos/tickets",
			"GET /v1/sos/tickets/:id",
			"GET /v1/sos/tickets/:id/timeline",
			"GET /v1/sos/tickets/:id/trail",
			"POST /v1/sos/tickets/:id/reopen",
			"POST /v1/sos/tickets/:id/comment",
			"POST /v1/sos/tickets/:id/raise",
			"POST /v1/sos/tickets/:id/calls",
			"GET /v1/sos/tickets/:id/shares",
			"POST /v1/sos/tickets/:id/shares",
			"DELETE /v1/sos/shares/:id",
		),
	)
}

// sosPeopleRoutes are those around a ticket: contacts, invitations, followers by link, the PIN.
func sosPeopleRoutes() []Route {
	own := plain(SOS, Assistance, SignedIn, Elevated)
	link := plain(SOS, Assistance, Public, Elevated)
	follow := link
	follow.Kind = Events
	linkAck := plain(SOS, Urgent, Public, Emergency).taking(sosTimeout)
	return slices.Concat(
		own.at(
			"POST /v1/sos/guest/claim",
			"GET /v1/sos/contacts",
			"POST /v1/sos/contacts",
			"PATCH /v1/sos/contacts/:id",
			"DELETE /v1/sos/contacts/:id",
			"POST /v1/sos/contacts/:id/test",
			"POST /v1/sos/contact-invitations/accept",
			"POST /v1/sos/contact-invitations/decline",
			"GET /v1/sos/invitations",
			"POST /v1/sos/invitations/:id/accept",
			"POST /v1/sos/invitations/:id/decline",
			"GET /v1/sos/pin",
			"PUT /v1/sos/pin",
			"DELETE /v1/sos/pin",
		),
		link.at(
			"POST /v1/sos/public/track",
			"POST /v1/sos/public/contact-consents",
			"POST /v1/sos/public/call-events",
		),
		follow.at("POST /v1/sos/public/stream"),
		linkAck.at("POST /v1/sos/public/ack"),
		link.cachedFor(numbersCached).cachedBy("country").at("GET /v1/sos/emergency-numbers"),
	)
}
