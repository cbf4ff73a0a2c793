// Package domain holds the gateway's rules: which routes there are, what each
// demands, and when to limit, retry, eject or refuse. No I/O and no clock.
package domain

import (
	"strings"
	"time"
)

// Service is one of the services behind the gateway.
type Service string

// The services.
const (
	Auth         Service = "auth"
	Notification Service = "notification"
	SOS          Service = "sos"
)

// Services are all of them, in the order that people read them.
func Services() []Service { return []Service{Auth, Notification, SOS} }

// Access says who may pass the gateway. It is an early answer only: every
// service verifies the credential again.
type Access uint8

// The kinds of access.
const (
	Public   Access = iota // no credential is looked at
	Optional               // a bearer token counts where there is one
	Reporter               // Bearer, Guest or SOS credential; the SOS service judges them
	SignedIn               // a bearer token that verifies, else 401 here
)

// Priority decides who still gets a slot when the gateway is full.
type Priority uint8

// The priorities, lowest first.
const (
	Normal    Priority = iota
	Elevated           // signing in and sockets: without them nothing else works
	Emergency          // SOS
)

// Kind is how an exchange runs.
type Kind uint8

// The kinds of exchange.
const (
	Plain   Kind = iota
	Trigger      // an alarm: no limit and no service breaker, every instance is tried
	Events       // server-sent events: no end of its own
	Socket       // a WebSocket
)

// Route is one public endpoint: where it goes and what it is held to.
type Route struct {
	Method    string
	Pattern   string // in httprouter's syntax
	Service   Service
	Class     Class
	Access    Access
	Priority  Priority
	Kind      Kind
	Timeout   time.Duration // until the whole answer is there; until its header for Events and Socket
	BodyLimit int64         // bytes
	CacheFor  time.Duration // how long the answer may be kept for everybody; 0 = not at all
	CacheBy   string        // the one query parameter, of two letters, that answers are kept by
	// Secret answers hold tokens: the request is never sent twice, whatever key it carries.
	Secret bool
}

// at gives the route for each endpoint, written as "METHOD /pattern".
func (r Route) at(endpoints ...string) []Route {
	routes := make([]Route, 0, len(endpoints))
	for _, endpoint := range endpoints {
		r.Method, r.Pattern, _ = strings.Cut(endpoint, " ")
		routes = append(routes, r)
	}
	return routes
}

// Endless tells whether an exchange goes on until somebody leaves.
func (r Route) Endless() bool { return r.Kind == Events || r.Kind == Socket }

// MayCompress tells whether answers may go out compressed: not streams, and not what holds
// tokens beside what the client sent, for the length would tell of them (BREACH).
func (r Route) MayCompress() bool { return r.Kind == Plain && !r.Secret }

func (r Route) cachedFor(d time.Duration) Route { r.CacheFor = d; return r }

func (r Route) cachedBy(parameter string) Route { r.CacheBy = parameter; return r }

func (r Route) taking(d time.Duration) Route { r.Timeout = d; return r }
