package sight_test

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/postgres/pgtest"
	"github.com/loveapp/backend/shared/redispool/redistest"
	"github.com/loveapp/backend/test/world"
)

func TestMain(m *testing.M) { pgtest.Main(m, redistest.Start) }

// newTrace is a trace that a client has begun and wants followed.
func newTrace() (trace, parent string) {
	var raw [24]byte
	_, _ = rand.Read(raw[:]) // never fails (Go 1.24)
	trace = hex.EncodeToString(raw[:16])
	return trace, "00-" + trace + "-" + hex.EncodeToString(raw[16:]) + "-01"
}

func pressedIn(parent string) world.Call {
	return world.Call{
		Method: http.MethodPost, Path: "/v1/sos/tickets",
		Body:   world.Alarm{EmergencyType: "medical", Description: "chest pain", Location: &world.Fix{Latitude: 52.520008, Longitude: 13.404954}},
		Header: map[string]string{"Idempotency-Key": world.NewKey(), "Traceparent": parent},
	}
}

func TestACallForHelpIsOneTraceFromTheGatewayToTheContactsSocketAndMail(t *testing.T) {
	t.Parallel()
	c := collect(t)
	w, ok := begin(t, world.Size{Services: 2, Collector: c.URL}).(world.Writing)
	if !ok {
		t.Fatal("this world writes nothing down")
	}
	ada, bob, nobody := world.SignUp(t, w, "Ada"), world.SignUp(t, w, "Bob"), world.Visitor(t, w)
	ada.Trusts(bob)
	ada.Do(world.Call{Method: http.MethodPost, Path: "/v1/sos/contacts", Body: map[string]any{"name": "Gran", "email": "gran@example.com"}}).Want(http.StatusCreated)
	_, token, _ := strings.Cut(world.ExpectWritten(t, w, "gran@example.com", "/consent#").Link(), "#")
	nobody.Do(world.Call{Method: http.MethodPost, Path: "/v1/sos/public/contact-consents", Body: map[string]any{"token": token, "accept": true}}).Want(http.StatusOK)
	phone := bob.Connect()

	trace, parent := newTrace()
	var pressed world.Triggered
	answer := ada.Do(pressedIn(parent)).Want(http.StatusCreated)
	answer.Into(&pressed)
	if got := answer.Header.Get("Traceparent"); !strings.HasPrefix(got, "00-"+trace+"-") {
		t.Errorf("the answer is of the trace %q, want %s", got, trace)
	}
	phone.ExpectNotification(world.Patience, "sos.triggered", pressed.Ticket.ID)
	world.ExpectWritten(t, w, "gran@example.com", "/track#")

	gateway := c.await(t, trace, "api-gateway", "POST /v1/sos/tickets")
	service := c.await(t, trace, "sos-service", "POST /v1/sos/tickets")
	handed := c.await(t, trace, "sos-service", "hand alert over")
	carried := c.await(t, trace, "sos-service", "hand alerts over")
	taken := c.await(t, trace, "notification-service", "POST /internal/notifications")
	stored := c.await(t, trace, "notification-service", "put into inboxes")
	written := c.await(t, trace, "notification-service", "write to socket")
	sent := c.await(t, trace, "notification-service", "send")
	if service.Parent != gateway.ID || handed.Parent != service.ID || carried.Parent != service.ID {
		t.Errorf("gateway %s, press %s in %s, alerts in %s and %s", gateway.ID, service.ID, service.Parent, handed.Parent, carried.Parent)
	}
	if len(carried.Links) == 0 || len(taken.Links) != 0 {
		t.Errorf("the request is linked to %q", carried.Links)
	}
	for _, s := range []span{taken, stored, written, sent} {
		eventually.True(t, "what has led to "+s.Name, func() bool {
			return slices.ContainsFunc(c.of(trace), func(parent span) bool { return parent.ID == s.Parent })
		})
	}
	if !strings.Contains(handed.Attributes["loveapp.ticket_id"], pressed.Ticket.ID) || !strings.Contains(service.Attributes["http.route"], "/v1/sos/tickets") {
		t.Errorf("the spans say %v and %v", handed.Attributes, service.Attributes)
	}
	wantNobodyNamed(t, c, ada, bob)
	wantEveryMetricOnItsPage(t, w)
}

func TestALetterOfAuthsIsPartOfTheTraceOfWhoeverAskedForIt(t *testing.T) {
	t.Parallel()
	c := collect(t)
	w, ok := begin(t, world.Size{Collector: c.URL}).(world.Posted)
	if !ok {
		t.Fatal("this world writes nothing down")
	}
	ada, nobody := world.SignUp(t, w, "Ada"), world.Visitor(t, w)
	trace, parent := newTrace()
	nobody.Do(world.Call{
		Method: http.MethodPost, Path: "/v1/auth/password/forgot", Body: map[string]any{"email": ada.Email}, Header: map[string]string{"Traceparent": parent},
	}).Want(http.StatusAccepted)
	world.AwaitLetter(t, w, ada.Email, "/reset#")
	asked := c.await(t, trace, "auth-service", "POST /v1/auth/password/forgot")
	ordered := c.await(t, trace, "auth-service", "fulfil order")
	if sent := c.await(t, trace, "auth-service", "send letter"); ordered.Parent != asked.ID || sent.Parent != ordered.ID {
		t.Errorf("asked %s, ordered %s in %s, sent in %s", asked.ID, ordered.ID, ordered.Parent, sent.Parent)
	}
	wantNobodyNamed(t, c, ada)
}

// wantNobodyNamed: nothing of anybody, neither their names and places nor the
// ids of their accounts, has left the process.
func wantNobodyNamed(t *testing.T, c *collector, people ...*world.Person) {
	t.Helper()
	said := c.everything()
	for _, p := range people {
		for _, word := range []string{p.Name, p.Email, p.ID(), p.Tokens.AccessToken} {
			if word != "" && strings.Contains(said, word) {
				t.Errorf("%q is in the traces", word)
			}
		}
	}
	for _, word := range []string{"127.0.0.1", "Go-http-client", "52.52", "13.40", "chest", "example.com", "track#"} {
		if strings.Contains(said, word) {
			t.Errorf("%q is in the traces", word)
		}
	}
}

func TestWhoeverIsNotFollowedLeavesNoSpan(t *testing.T) {
	t.Parallel()
	c := collect(t)
	w := begin(t, world.Size{Collector: c.URL})
	ada, bob := world.SignUp(t, w, "Ada"), world.SignUp(t, w, "Bob")
	ada.Trusts(bob)
	phone := bob.Connect()
	silent, parent := newTrace()
	call := pressedIn(strings.TrimSuffix(parent, "01") + "00")
	var pressed world.Triggered
	ada.Do(call).Want(http.StatusCreated).Into(&pressed)
	phone.ExpectNotification(world.Patience, "sos.triggered", pressed.Ticket.ID)
	loud, parent := newTrace() // what comes after it arrives after it
	ada.Do(pressedIn(parent)).Want(http.StatusOK)
	c.await(t, loud, "notification-service", "write to socket")
	if spans := c.of(silent); len(spans) > 0 {
		t.Errorf("%+v", spans)
	}
}

func TestACollectorThatHangsHoldsNothingUp(t *testing.T) {
	t.Parallel()
	asked, release := make(chan struct{}, 1), make(chan struct{})
	endpoint := hanging(t, asked, release)
	w := begin(t, world.Size{Collector: endpoint})
	ada, bob := world.SignUp(t, w, "Ada"), world.SignUp(t, w, "Bob")
	ada.Trusts(bob)
	phone := bob.Connect()
	<-asked // it has begun to wait for the collector
	for range 3 {
		_, parent := newTrace()
		var pressed world.Triggered
		answer := ada.Do(pressedIn(parent))
		answer.Into(&pressed)
		if answer.Status != http.StatusCreated && answer.Status != http.StatusOK {
			t.Fatalf("answered %d", answer.Status)
		}
		phone.ExpectNotification(world.Patience, "sos.triggered", pressed.Ticket.ID)
	}
	w.Stop() // and it ends, without an error
	close(release)
}
