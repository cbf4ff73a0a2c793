package domain

import (
	"slices"
	"time"
)

const (
	defaultTimeout = 10 * time.Second
	exportTimeout  = 30 * time.Second // everything held about a person takes a while to gather
	sosTimeout     = 5 * time.Second  // what clients wait before they dial
	bodyLimit      = 64 << 10
	triggerLimit   = 16 << 10

	keysCached    = 10 * time.Minute
	numbersCached = 30 * time.Minute
)

// Routes is the table of every public route. There are no catch-alls: what is
// not listed does not exist, /internal/ above all.
func Routes() []Route {
	return slices.Concat(authRoutes(), adminRoutes(), notificationRoutes(), sosRoutes(), sosPeopleRoutes())
}

func plain(s Service, c Class, a Access, p Priority) Route {
	return Route{Service: s, Class: c, Access: a, Priority: p, Timeout: defaultTimeout, BodyLimit: bodyLimit}
}
