package wsapi_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/adapters/wsapi"
	"github.com/loveapp/backend/notification/internal/wstest"
	"github.com/loveapp/backend/shared/eventually"
)

func TestATokenInTheHeaderConnects(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	user := newID()
	s.backlog(user, 3, "")
	client, connected := wstest.Connect(t, s.URL, s.token(user))
	if connected.UserID != user || connected.Seq != 3 || connected.ConnectionID == "" || time.Until(connected.ExpiresAt).Round(time.Minute) != 15*time.Minute {
		t.Errorf("connected: %s", connected.Raw)
	}
	s.notify(user, "medium", "hello")
	client.ExpectSeqs(4)
}

func TestAHandshakeThatIsNoneIsAnsweredAsAProblem(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	good := s.token(newID())
	cases := map[string]struct {
		handshake wstest.Handshake
		status    int
		code      string
	}{
		"no upgrade":          {wstest.Handshake{Without: []string{"Upgrade"}}, http.StatusUpgradeRequired, "upgrade_required"},
		"h2c":                 {wstest.Handshake{Instead: map[string]string{"Upgrade": "h2c"}}, http.StatusUpgradeRequired, "upgrade_required"},
		"connection close":    {wstest.Handshake{Instead: map[string]string{"Connection": "close"}}, http.StatusUpgradeRequired, "upgrade_required"},
		"version 8":           {wstest.Handshake{Instead: map[string]string{"Sec-WebSocket-Version": "8"}}, http.StatusUpgradeRequired, "upgrade_required"},
		"no version":          {wstest.Handshake{Without: []string{"Sec-WebSocket-Version"}}, http.StatusBadRequest, "malformed_handshake"},
		"no key":              {wstest.Handshake{Without: []string{"Sec-WebSocket-Key"}}, http.StatusBadRequest, "malformed_handshake"},
		"short key":           {wstest.Handshake{Instead: map[string]string{"Sec-WebSocket-Key": "c2hvcnQ="}}, http.StatusBadRequest, "malformed_handshake"},
		"two keys":            {wstest.Handshake{Header: http.Header{"Sec-WebSocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="}}}, http.StatusBadRequest, "malformed_handshake"},
		"a body":              {wstest.Handshake{Header: http.Header{"Content-Length": {"6"}}, Behind: []byte("\x89\x80abcd")}, http.StatusBadRequest, "malformed_handshake"},
		"a body in chunks":    {wstest.Handshake{Header: http.Header{"Transfer-Encoding": {"chunked"}}, Behind: []byte("0\r\n\r\n")}, http.StatusBadRequest, "malformed_handshake"},
		"query":               {wstest.Handshake{Query: "ticket=%zz"}, http.StatusBadRequest, "malformed_query"},
		"forged token":        {wstest.Bearer(good[:len(good)-4] + "AAAA"), http.StatusUnauthorized, "unauthenticated"},
		"another scheme":      {wstest.Handshake{Header: http.Header{"Authorization": {"Basic YTpi"}}}, http.StatusUnauthorized, "unauthenticated"},
		"empty header":        {wstest.Handshake{Header: http.Header{"Authorization": {""}}}, http.StatusUnauthorized, "unauthenticated"},
		"expired token":       {wstest.Bearer(s.tokenOf(newID(), newID(), -time.Second)), http.StatusUnauthorized, "token_expired"},
		"subject is no user":  {wstest.Bearer(s.token("somebody")), http.StatusUnauthorized, "unauthenticated"},
		"ticket beside token": {wstest.Handshake{Query: "ticket=x", Header: http.Header{"Authorization": {"Bearer nonsense"}}}, http.StatusUnauthorized, "unauthenticated"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, answer := wstest.Dial(t, s.URL, c.handshake)
			if client != nil {
				t.Fatal("it was upgraded")
			}
			var problem struct{ Code string }
			body, _ := io.ReadAll(answer.Body)
			_ = json.Unmarshal(body, &problem)
			if answer.StatusCode != c.status || problem.Code != c.code || answer.Header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("answered %s %s, want %d %s", answer.Status, body, c.status, c.code)
			}
			if c.status == http.StatusUpgradeRequired && (answer.Header.Get("Sec-WebSocket-Version") != "13" || answer.Header.Get("Upgrade") != "websocket") {
				t.Errorf("it does not say what is required: %v", answer.Header)
			}
		})
	}
}

func TestASessionThatHasEndedDoesNotConnect(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	session := newID()
	bearer := s.tokenOf(newID(), session, time.Hour)
	s.revoke(session)
	if client, answer := wstest.Dial(t, s.URL, wstest.Bearer(bearer)); client != nil || answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("answered %s", answer.Status)
	}
	client := wstest.Open(t, s.URL, wstest.Handshake{})
	client.Sendf(`{"type":"auth","token":%q}`, bearer)
	if reason := client.ExpectClose(4401); reason != "session_ended" {
		t.Errorf("reason %q", reason)
	}
}

func (s *server) ticket(bearer string) string {
	s.tb.Helper()
	status, answer := s.request(http.MethodPost, "/v1/notifications/ws-tickets", bearer, nil)
	var issued struct {
		Ticket    string
		ExpiresIn int
	}
	if err := json.Unmarshal(answer, &issued); err != nil || status != http.StatusCreated || issued.ExpiresIn != 30 {
		s.tb.Fatalf("ticket: %d %s", status, answer)
	}
	return issued.Ticket
}

func TestATicketConnectsOnce(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	user := newID()
	ticket := s.ticket(s.token(user))
	client := wstest.Open(t, s.URL, wstest.Handshake{Query: "ticket=" + ticket})
	if m := client.Expect("connected"); m.UserID != user {
		t.Errorf("connected as %s", m.UserID)
	}
	for _, bad := range []string{ticket, "unknown", ""} {
		wstest.Open(t, s.URL, wstest.Handshake{Query: "ticket=" + bad}).ExpectClose(4401)
	}
}

func TestATicketOfASessionThatHasEndedOpensNothing(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	session := newID()
	ticket := s.ticket(s.tokenOf(newID(), session, time.Hour))
	s.revoke(session)
	wstest.Open(t, s.URL, wstest.Handshake{Query: "ticket=" + ticket}).ExpectClose(4401)
}

func TestWithoutTheTicketStoreATicketIsTriedAgainLater(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	s.tickets.Begin()
	defer s.tickets.End()
	if client, answer := wstest.Dial(t, s.URL, wstest.Handshake{Query: "ticket=x"}); client != nil || answer.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("answered %s", answer.Status)
	}
}

func TestTheFirstFrameAuthenticates(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	user := newID()
	client := wstest.Open(t, s.URL, wstest.Handshake{})
	client.Sendf(`{"type":"auth","token":%q}`, s.token(user))
	if m := client.Expect("connected"); m.UserID != user {
		t.Errorf("connected as %s", m.UserID)
	}
}

func TestABadFirstFrameIsUnauthenticated(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	for name, frame := range map[string]string{
		"forged":         `{"type":"auth","token":"a.b.c"}`,
		"expired":        fmt.Sprintf(`{"type":"auth","token":%q}`, s.tokenOf(newID(), newID(), -time.Second)),
		"no token":       `{"type":"auth"}`,
		"something else": `{"type":"ping"}`,
		"no JSON":        `auth`,
		"twice the key":  fmt.Sprintf(`{"type":"auth","token":%q,"token":"x"}`, s.token(newID())),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := wstest.Open(t, s.URL, wstest.Handshake{})
			client.Send(frame)
			client.ExpectClose(4401)
		})
	}
}

func TestASilentClientIsClosedForWantOfAuthentication(t *testing.T) {
	t.Parallel()
	s := start(t, settings{limits: wsapi.Limits{Auth: 100 * time.Millisecond}})
	wstest.Open(t, s.URL, wstest.Handshake{}).ExpectClose(4408)
	half := wstest.Open(t, s.URL, wstest.Handshake{})
	half.SendBytes(wstest.Frame{Op: wstest.Text, Payload: []byte(`{"type":"auth"`)}.Bytes()[:10])
	half.ExpectClose(4408)
	pinging := wstest.Open(t, s.URL, wstest.Handshake{})
	pinging.SendFrame(wstest.Frame{Op: wstest.Ping})
	pinging.ExpectClose(4408)
}

func TestAFrameRightBehindTheHandshakeIsNotLost(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	user := newID()
	s.backlog(user, 2, "")
	resume := wstest.Frame{Op: wstest.Text, Payload: []byte(`{"type":"resume","after":0}`)}.Bytes()
	ping := wstest.Frame{Op: wstest.Text, Payload: []byte(`{"type":"ping"}`)}.Bytes()

	byHeader := wstest.Bearer(s.token(user))
	byHeader.Behind = append(resume, ping...)
	client := wstest.Open(t, s.URL, byHeader)
	client.Expect("connected")
	client.ExpectSeqs(1, 2)
	client.Expect("resumed")
	client.Expect("pong")

	auth := wstest.Frame{Op: wstest.Text, Payload: fmt.Appendf(nil, `{"type":"auth","token":%q}`, s.token(user))}.Bytes()
	client = wstest.Open(t, s.URL, wstest.Handshake{Behind: append(auth, resume[:7]...)})
	client.Expect("connected")
	client.SendBytes(resume[7:])
	client.ExpectSeqs(1, 2)
	client.Expect("resumed")
}

func TestAFullInstanceRefusesTheHandshake(t *testing.T) {
	t.Parallel()
	s := start(t, settings{limits: wsapi.Limits{Sockets: 2}})
	first := s.connect(newID())
	s.connect(newID())
	client, answer := wstest.Dial(t, s.URL, wstest.Bearer(s.token(newID())))
	if client != nil || answer.StatusCode != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") == "" {
		t.Fatalf("answered %s", answer.Status)
	}
	first.Cut()
	eventually.True(t, "the place of who has left is free", func() bool {
		client, _, err := wstest.Try(t, s.URL, wstest.Bearer(s.token(newID())))
		return err == nil && client != nil
	})
}

func TestAHeadRequestForTheSocketSaysWhatItNeeds(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	if status := s.status(http.MethodHead, "/v1/ws", ""); status != http.StatusUpgradeRequired {
		t.Errorf("HEAD is answered %d", status)
	}
	if status := s.status(http.MethodPost, "/v1/ws", ""); status != http.StatusMethodNotAllowed {
		t.Errorf("POST is answered %d", status)
	}
}
