package gateway_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/gateway/gatewaytest"
	"github.com/loveapp/backend/shared/eventually"
)

func TestATokenThatIsNoGoodIsRefusedBeforeTheService(t *testing.T) {
	t.Parallel()
	w := start(t, gatewaytest.Options{})
	stranger := newPeopleWith(t, "another secret, of somebody who forges tokens")
	for name, c := range map[string]struct{ credential, code string }{
		"none":      {"", "unauthenticated"},
		"malformed": {"Bearer x", "unauthenticated"},
		"forged":    {stranger.bearer(t, "alice"), "unauthenticated"},
		"a guest's": {"Guest " + strings.Repeat("x", 43), "unauthenticated"},
		"expired":   {"Bearer " + w.people.token(t, "alice", time.Hour), "token_expired"},
	} {
		a := send(t, http.MethodGet, w.URL+"/v1/notifications", "", "Authorization", c.credential)
		if a.Status != http.StatusUnauthorized || a.problem(t).Code != c.code || !strings.HasPrefix(a.Header.Get("Www-Authenticate"), "Bearer") {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	if n := w.notify.Hits.Load(); n != 0 {
		t.Errorf("the service was asked %d times", n)
	}
	if a := send(t, http.MethodGet, w.URL+"/v1/notifications", "", "Authorization", w.people.bearer(t, "alice")); a.Status != http.StatusOK ||
		!strings.HasPrefix(a.echoed(t).Header.Get("Authorization"), "Bearer ") {
		t.Errorf("a good token: %d %s", a.Status, a.Body)
	}
}

func TestAnEndedSessionIsRefusedWithinASecondOrSo(t *testing.T) {
	t.Parallel()
	w := start(t, gatewaytest.Options{})
	alice, bob := w.people.bearer(t, "alice"), w.people.bearer(t, "bob")
	w.people.endSession("alice")
	eventually.True(t, "alice is refused", func() bool {
		a := send(t, http.MethodGet, w.URL+"/v1/notifications", "", "Authorization", alice)
		return a.Status == http.StatusUnauthorized && a.problem(t).Code == "session_ended"
	})
	if a := send(t, http.MethodGet, w.URL+"/v1/notifications", "", "Authorization", bob); a.Status != http.StatusOK {
		t.Errorf("bob: %d", a.Status)
	}
}

func TestAnAlarmIsNeverRefusedForItsCredential(t *testing.T) {
	t.Parallel()
	w := start(t, gatewaytest.Options{})
	for _, credential := range []string{"", "Bearer x", "Guest y", "SOS z", "Bearer " + w.people.token(t, "alice", time.Hour)} {
		for _, path := range []string{"/v1/sos/tickets", "/v1/sos/guest/tickets"} {
			a := send(t, http.MethodPost, w.URL+path, "{", "Authorization", credential)
			if a.Status != http.StatusOK || a.echoed(t).Header.Get("Authorization") != credential || a.echoed(t).Body != "{" {
				t.Errorf("%s with %q: %d %s", path, credential, a.Status, a.Body)
			}
		}
	}
}

func TestWhereTheKeysCannotBeHadTheServiceDecides(t *testing.T) {
	t.Parallel()
	notify := serve(t, ok)
	g := gatewaytest.Start(t, gatewaytest.Options{NotificationURLs: []string{notify.URL}}) // nobody serves auth
	forged := newPeopleWith(t, "a secret that the gateway cannot check").bearer(t, "alice")
	if a := send(t, http.MethodGet, g.URL+"/v1/notifications", "", "Authorization", forged); a.Status != http.StatusOK {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if a := send(t, http.MethodGet, g.URL+"/v1/notifications", ""); a.Status != http.StatusUnauthorized {
		t.Errorf("without a token: %d", a.Status)
	}
}

func TestCredentialsOfSOSPassToTheService(t *testing.T) {
	t.Parallel()
	w := start(t, gatewaytest.Options{})
	for _, credential := range []string{"Guest abc", "SOS abc", "Bearer abc"} {
		a := send(t, http.MethodGet, w.URL+"/v1/sos/tickets/1", "", "Authorization", credential)
		if a.Status != http.StatusOK || a.echoed(t).Header.Get("Authorization") != credential {
			t.Errorf("%s: %d", credential, a.Status)
		}
	}
}
