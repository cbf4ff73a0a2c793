package sos_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/loveapp/backend/sos/api"
	"github.com/loveapp/backend/sos/sostest"
)

// matrixRow says who may do what by one route. What a route does is tested
// elsewhere; here it is who gets how far, and what they see.
type matrixRow struct {
	kind   string // emergency, reporter, bearer, staff: about one ticket; own, desk, public, trigger, internal: not
	body   string
	query  string
	may    string // of reporter, contact, dispatcher; the others who see the ticket get 403
	states string // where it can be done; elsewhere 409; "" = everywhere
	ok     int
}

const (
	openStates = "pending in_progress emergency_called"
	anyone     = "reporter contact dispatcher"
)

// matrix has a row for every route. The spec names exactly the routes that the
// service has (a test of httpapi's), so a new one fails here until it has a row.
func matrix() map[string]matrixRow {
	const ticket = " /v1/sos/tickets/{id}"
	return map[string]matrixRow{
		"get" + ticket:                             {kind: "emergency", may: anyone, ok: 200},
		"get" + ticket + "/timeline":               {kind: "emergency", may: anyone, ok: 200},
		"get" + ticket + "/trail":                  {kind: "emergency", may: anyone, ok: 200},
		"post" + ticket + "/calls":                 {kind: "emergency", may: anyone, ok: 202},
		"post" + ticket + "/locations":             {kind: "emergency", may: "reporter", states: "countdown " + openStates, ok: 202, body: `{"fixes":[{"latitude":72.345678,"longitude":98.765432}]}`},
		"post" + ticket + "/send-now":              {kind: "emergency", may: "reporter", states: "countdown", ok: 200},
		"post" + ticket + "/resolve":               {kind: "reporter", may: "reporter dispatcher", states: openStates + " resolved", ok: 200},
		"post" + ticket + "/cancel":                {kind: "reporter", may: "reporter dispatcher", states: "countdown pending in_progress cancelled", ok: 200},
		"post" + ticket + "/comment":               {kind: "reporter", may: anyone, ok: 200, body: `{"note":"words"}`},
		"get" + ticket + "/shares":                 {kind: "reporter", may: "reporter", ok: 200},
		"post" + ticket + "/shares":                {kind: "reporter", may: "reporter", states: "countdown " + openStates, ok: 201},
		"post" + ticket + "/acknowledge":           {kind: "bearer", may: "contact dispatcher", states: openStates, ok: 200},
		"post" + ticket + "/raise":                 {kind: "bearer", may: "dispatcher", states: openStates, ok: 200},
		"post" + ticket + "/reopen":                {kind: "reporter", may: "reporter dispatcher", states: "resolved cancelled", ok: 200},
		"post /v1/admin/sos/tickets/{id}/assign":   {kind: "staff", may: "dispatcher", states: openStates, ok: 200},
		"post /v1/sos/tickets":                     {kind: "trigger"},
		"post /v1/sos/guest/tickets":               {kind: "public"},
		"get /v1/sos/emergency-numbers":            {kind: "public"},
		"post /v1/sos/public/track":                {kind: "public", body: `{"token":"x"}`},
		"post /v1/sos/public/stream":               {kind: "public", body: `{"token":"x"}`},
		"post /v1/sos/public/ack":                  {kind: "public", body: `{"token":"x"}`},
		"post /v1/sos/public/call-events":          {kind: "public", body: `{}`},
		"post /v1/sos/public/contact-consents":     {kind: "public", body: `{"token":"x","accept":true}`},
		"get /v1/sos/tickets":                      {kind: "own", query: "?scope=contact"},
		"delete /v1/sos/shares/{id}":               {kind: "share"},
		"post /v1/sos/guest/claim":                 {kind: "own", body: `{"guestSecret":"x"}`},
		"get /v1/sos/contacts":                     {kind: "own"},
		"post /v1/sos/contacts":                    {kind: "own", body: `{"name":""}`},
		"patch /v1/sos/contacts/{id}":              {kind: "own", body: `{}`},
		"delete /v1/sos/contacts/{id}":             {kind: "own"},
		"post /v1/sos/contacts/{id}/test":          {kind: "own"},
		"post /v1/sos/contact-invitations/accept":  {kind: "own", body: `{"token":"x"}`},
		"post /v1/sos/contact-invitations/decline": {kind: "own", body: `{"token":"x"}`},
		"get /v1/sos/invitations":                  {kind: "own"},
		"post /v1/sos/invitations/{id}/accept":     {kind: "own"},
		"post /v1/sos/invitations/{id}/decline":    {kind: "own"},
		"get /v1/sos/pin":                          {kind: "own"},
		"put /v1/sos/pin":                          {kind: "own", body: `{}`},
		"delete /v1/sos/pin":                       {kind: "own", body: `{}`},
		"get /v1/admin/sos/tickets":                {kind: "desk"},
		"get /v1/admin/sos/escalation-policy":      {kind: "desk"},
		"put /v1/admin/sos/escalation-policy":      {kind: "desk", body: `{}`},
		"get /v1/admin/sos/stats":                  {kind: "desk"},
		"post /internal/rooms/authorize":           {kind: "internal", body: `{}`},
		"post /internal/users/{id}/erase":          {kind: "internal"},
	}
}

// specRoutes are the routes of the spec, those that are everybody's left out: health and the spec itself.
func specRoutes() []string {
	pathLine, methodLine, path := regexp.MustCompile(`^  (/\S*):$`), regexp.MustCompile(`^    (get|post|put|patch|delete):$`), ""
	var routes []string
	for line := range strings.SplitSeq(string(api.Spec()), "\n") {
		if found := pathLine.FindStringSubmatch(line); found != nil {
			path = found[1]
		}
		if found := methodLine.FindStringSubmatch(line); found != nil && path != "" && !strings.HasPrefix(path, "/health") && path != "/internal/openapi" {
			routes = append(routes, found[1]+" "+path)
		}
	}
	return routes
}

// specProofs is which proofs of identity the spec names for each route.
func specProofs() map[string]string {
	line, methodLine, proof := regexp.MustCompile(`^  (/\S*):$`), regexp.MustCompile(`^    (get|post|put|patch|delete):$`), regexp.MustCompile(`^        - (\w+): \[\]$`)
	proofs, path, route := map[string]string{}, "", ""
	for text := range strings.SplitSeq(string(api.Spec()), "\n") {
		if found := line.FindStringSubmatch(text); found != nil {
			path = found[1]
		}
		if found := methodLine.FindStringSubmatch(text); found != nil {
			route = found[1] + " " + path
		}
		if found := proof.FindStringSubmatch(text); found != nil {
			proofs[route] += found[1] + " "
		}
	}
	return proofs
}

func TestTheSpecNamesWhateverProvesWhoSomebodyIs(t *testing.T) {
	t.Parallel()
	proofs := specProofs()
	wanted := map[string]string{"trigger": "bearer sos guest ", "emergency": "bearer sos guest ", "reporter": "bearer guest ", "share": "bearer guest ", "bearer": "bearer ", "staff": "bearer ", "desk": "bearer ", "own": "bearer "}
	for route, row := range matrix() {
		if want, ok := wanted[row.kind]; ok && proofs[route] != want {
			t.Errorf("%s takes %q, and the spec says %q", route, want, proofs[route])
		}
	}
}

func matrixRoles() []string {
	return []string{"reporter", "own guest", "other guest", "contact", "removed contact", "dispatcher", "stranger", "SOS credential", "expired bearer", "none", "share token"}
}

// cast is everybody who may have to do with one ticket in one state.
type cast struct {
	people       map[string]person
	ticket, own  string // the user's, the guest's
	share, token string
}

const secretPlace = `{"latitude":72.345678,"longitude":98.765432}`

// secretDigits betray the place in whatever form it is written. No time has them: no minute has 72 seconds.
var secretDigits = []string{"72.345", "98.765"}

func newCast(t *testing.T, s *sostest.SOS, state string) cast {
	t.Helper()
	ann, mum, ben, staff := newPerson(t, s, "Ann Archer"), newPerson(t, s, ""), newPerson(t, s, ""), newStaff(t, s)
	gil := newGuest(t, s)
	contact := ann.trusts(mum, "Mum")
	removed := ann.trusts(ben, "Ben")
	body := `{"location":` + secretPlace + `}`
	if state == "countdown" {
		body = `{"countdownSeconds":30,"location":` + secretPlace + `}`
	}
	c := cast{ticket: ann.opened(body), own: gil.pressed(body)}
	c.share, c.token = ann.shares(c.ticket, `{"contactId":"`+contact+`"}`)
	ann.do(http.MethodDelete, contactsPath+"/"+removed, "").is(http.StatusNoContent)
	for id, who := range map[string]person{c.ticket: ann, c.own: gil} {
		reach(staff, who, id, state)
	}
	c.people = map[string]person{
		"reporter": ann, "own guest": gil, "other guest": newGuest(t, s), "contact": mum, "removed contact": ben, "dispatcher": staff,
		"stranger": newPerson(t, s, ""), "SOS credential": ann.with("SOS " + s.SOSCredential(ann.id, "session")),
		"expired bearer": ann.with("Bearer " + s.TokenWith(ann.id, sostest.TokenOptions{Expired: true})),
		"none":           ann.with(""), "share token": ann.with("Guest " + c.token),
	}
	return c
}

// reach brings a new ticket into the state.
func reach(staff, reporter person, id, state string) {
	path := "/v1/sos/tickets/" + id
	switch state {
	case "in_progress":
		staff.post("/v1/admin/sos/tickets/"+id+"/assign", "").is(http.StatusOK)
	case "emergency_called":
		reporter.post(path+"/calls", `{"dialled":true}`).is(http.StatusAccepted)
	case "resolved":
		reporter.command(id, "resolve").is(http.StatusOK)
	case "cancelled":
		reporter.command(id, "cancel").is(http.StatusOK)
	}
	if got := staff.get(path).is(http.StatusOK).str("status"); got != state {
		staff.tb.Fatalf("the ticket is %s, not %s", got, state)
	}
}

// part is what a role is to the ticket; "" for those to whom there is none.
func part(role, state string) string {
	switch role {
	case "reporter", "own guest", "SOS credential", "expired bearer":
		return "reporter"
	case "contact": // a removed one is nobody any more
		if state == "countdown" { // nobody is told yet
			return ""
		}
		return "contact"
	case "dispatcher":
		return "dispatcher"
	default:
		return ""
	}
}

// proves tells whether the kind of route takes the role's kind of proof.
func (r matrixRow) proves(role string) bool {
	bearer := slices.Contains([]string{"reporter", "contact", "removed contact", "dispatcher", "stranger"}, role)
	guest := slices.Contains([]string{"own guest", "other guest", "share token"}, role) // a token that is no secret of a guest's yet is one
	switch r.kind {
	case "public":
		return true
	case "emergency", "trigger":
		return role != "none"
	case "reporter", "share":
		return bearer || guest
	case "internal":
		return false
	default:
		return bearer
	}
}

// want is the status that the role gets; 0 for anything that is no refusal of who they are.
func (r matrixRow) want(role, state string) int {
	as := part(role, state)
	switch {
	case !r.proves(role):
		return http.StatusUnauthorized
	case r.kind == "staff" && role != "dispatcher", r.kind == "desk" && role != "dispatcher":
		return http.StatusForbidden
	case r.kind == "share":
		if as == "reporter" && role != "own guest" {
			return http.StatusNoContent
		}
		return http.StatusNotFound
	case r.ok == 0:
		return 0
	case as == "":
		return http.StatusNotFound
	case !slices.Contains(strings.Fields(r.may), as):
		return http.StatusForbidden
	case r.states != "" && !slices.Contains(strings.Fields(r.states), state):
		return http.StatusConflict
	// Before the alarm a dispatcher has nothing to take back.
	case strings.Contains(r.states, "countdown pending in_progress cancelled") && as == "dispatcher" && state == "countdown":
		return http.StatusConflict
	}
	return r.ok
}

// sees tells whether the role may learn the place.
func sees(role, state string) bool {
	switch part(role, state) {
	case "reporter", "dispatcher":
		return true
	case "contact":
		return state != "resolved" && state != "cancelled"
	default:
		return false
	}
}

func TestEveryRouteHasARowInTheMatrix(t *testing.T) {
	t.Parallel()
	rows := matrix()
	for _, route := range specRoutes() {
		if _, there := rows[route]; !there {
			t.Errorf("%s: who may use it in which state, and what do they see? Give it a row.", route)
		}
		delete(rows, route)
	}
	for route := range rows {
		t.Errorf("%s is no route", route)
	}
}

func TestNoRouteLetsAnybodyFurtherThanTheirPart(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"countdown", "pending", "in_progress", "emergency_called", "resolved", "cancelled"} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			s := sostest.Start(t, sostest.Options{})
			var c cast
			for _, route := range specRoutes() {
				for _, role := range matrixRoles() {
					if c.people == nil {
						c = newCast(t, s, state)
					}
					if c.try(t, route, matrix()[route], role, state) {
						c = cast{} // what has changed is no example any more
					}
				}
			}
		})
	}
}

// try sends one cell's request; changed tells whether it did anything.
func (c cast) try(t *testing.T, route string, row matrixRow, role, state string) (changed bool) {
	t.Helper()
	method, path, _ := strings.Cut(route, " ")
	id := c.ticket
	switch {
	case row.kind == "share":
		id = c.share
	case role == "own guest":
		id = c.own
	}
	a := c.people[role].do(strings.ToUpper(method), strings.Replace(path, "{id}", id, 1)+row.query, row.body)
	cell := fmt.Sprintf("%s as %s while %s", route, role, state)
	want := row.want(role, state)
	refused := a.status == http.StatusUnauthorized || a.status == http.StatusForbidden
	if want != 0 && a.status != want || want == 0 && (refused || a.status >= http.StatusInternalServerError) {
		t.Errorf("%s: %d %s, want %d", cell, a.status, a.text, want)
	}
	if showsPlace(a) && !sees(role, state) {
		t.Errorf("%s: the place is in %s", cell, a.text)
	}
	return a.status < http.StatusMultipleChoices && method != "get"
}

func showsPlace(a answer) bool {
	return slices.ContainsFunc(secretDigits, func(digits string) bool { return strings.Contains(a.text, digits) })
}

func TestALinkShowsThePlaceWhileHelpIsNeededAndToNobodyElse(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	for _, state := range []string{"countdown", "pending", "in_progress", "emergency_called", "resolved", "cancelled"} {
		c := newCast(t, s, state)
		open := state != "resolved" && state != "cancelled"
		if a := c.people["none"].byLink("track", c.token).is(http.StatusOK); showsPlace(a) != open {
			t.Errorf("%s: %s", state, a.text)
		}
		want := http.StatusConflict
		if slices.Contains(strings.Fields(openStates), state) {
			want = http.StatusOK
		}
		if a := c.people["none"].byLink("ack", c.token).is(want); showsPlace(a) && !open {
			t.Errorf("%s: %s", state, a.text)
		}
		for _, l := range []listener{c.people["none"].listens(c.token)} {
			if first := l.next(); strings.Contains(first, "72.345") != open {
				t.Errorf("%s: streamed %s", state, first)
			}
		}
		if open {
			c.people["reporter"].do(http.MethodDelete, "/v1/sos/shares/"+c.share, "").is(http.StatusNoContent)
			c.people["none"].byLink("track", c.token).refused(http.StatusNotFound, "not_found")
		}
	}
}
