package domain

import "slices"

func notificationRoutes() []Route {
	inbox := plain(Notification, General, SignedIn, Normal)
	acks := plain(Notification, Urgent, SignedIn, Elevated)
	tickets := plain(Notification, General, SignedIn, Elevated)
	tickets.Secret = true
	socket := plain(Notification, Stream, Optional, Elevated) // the token may also be a ticket, or the first frame
	socket.Kind = Socket
	events := plain(Notification, Stream, Optional, Elevated)
	events.Kind = Events
	return slices.Concat(
		inbox.at(
			"GET /v1/notifications",
			"POST /v1/notifications",
			"GET /v1/notifications/unread-count",
			"POST /v1/notifications/read-all",
			"POST /v1/notifications/items/:id/read",
			"POST /v1/notifications/items/:id/unread",
			"DELETE /v1/notifications/items/:id",
			"GET /v1/notifications/preferences",
			"PUT /v1/notifications/preferences",
			"GET /v1/notifications/devices",
			"POST /v1/notifications/devices",
			"DELETE /v1/notifications/devices/:id",
		),
		plain(Notification, General, Optional, Normal).at("GET /v1/notifications/push-config"),
		acks.at("POST /v1/notifications/ack"),
		tickets.at("POST /v1/notifications/ws-tickets"),
		socket.at("GET /v1/ws"),
		events.at("GET /v1/events"),
	)
}
