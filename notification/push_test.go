package notification_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/loveapp/backend/notification"
	"github.com/loveapp/backend/notification/internal/ports/portstest"
	"github.com/loveapp/backend/notification/internal/providertest"
	"github.com/loveapp/backend/notification/notificationtest"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/servicetoken"
	"github.com/loveapp/backend/shared/token"
)

// browser is somebody whose browser takes pushes, and who has no socket open.
type browser struct {
	*notificationtest.Notification
	t      *testing.T
	push   *providertest.WebPush
	user   string
	bearer string
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	public, private, err := notification.NewVAPIDKeys()
	if err != nil {
		t.Fatal(err)
	}
	service := notificationtest.Start(t, notificationtest.Options{Providers: notification.Providers{
		VAPIDPublicKey: public, VAPIDPrivateKey: private, VAPIDSubject: "ops@example.org", PrivatePush: true,
	}})
	b := &browser{Notification: service, t: t, push: providertest.NewWebPush(t), user: idgen.NewV7()}
	b.bearer = service.Token(b.user, "session", token.RoleUser)
	if status, body := b.call(http.MethodGet, "/v1/notifications/push-config", b.bearer, ""); status != http.StatusOK || !strings.Contains(body, public) {
		t.Fatalf("what to subscribe with: %d %s", status, body)
	}
	return b
}

func (b *browser) call(method, path, bearer, body string) (status int, answer string) {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.URL+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+bearer)
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

func (b *browser) subscribe() {
	b.t.Helper()
	s := b.push.Subscription
	body := fmt.Sprintf(`{"installationId":"browser","provider":"webpush","subscription":{"endpoint":%q,"keys":{"p256dh":%q,"auth":%q}}}`, s.Endpoint, s.P256DH, s.Auth)
	if status, answer := b.call(http.MethodPost, "/v1/notifications/devices", b.bearer, body); status != http.StatusCreated {
		b.t.Fatalf("subscribe: %d %s", status, answer)
	}
}

// devices is how many the user has.
func (b *browser) devices(bearer string) int {
	b.t.Helper()
	_, answer := b.call(http.MethodGet, "/v1/notifications/devices", bearer, "")
	var page struct{ Items []json.RawMessage }
	if err := json.Unmarshal([]byte(answer), &page); err != nil {
		b.t.Fatalf("%v: %s", err, answer)
	}
	return len(page.Items)
}

// alarm tells the user that somebody is in danger.
func (b *browser) alarm() {
	b.t.Helper()
	body := fmt.Sprintf(`{"items":[{"eventId":%q,"userIds":[%q],"category":"sos","priority":"critical","title":"Help","body":"Come.","data":{"kind":"sos.triggered","ticketId":"t-1"}}]}`, idgen.NewV7(), b.user)
	if status, answer := b.call(http.MethodPost, "/internal/notifications", b.ServiceToken(servicetoken.SOS), body); status != http.StatusAccepted {
		b.t.Fatalf("alarm: %d %s", status, answer)
	}
}

func TestAnAlarmFindsABrowserWithoutASocket(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	b.subscribe()
	b.alarm()
	eventually.True(t, "a push", func() bool { return len(b.push.Pushes()) == 1 })
	got := b.push.Pushes()[0]
	m := got.Message
	if m.Seq != 1 || m.NotificationID == "" || m.Category != "sos" || m.Kind != "sos.triggered" || m.TicketID != "t-1" || m.Title != "Help" || m.Body != "Come." {
		t.Errorf("it says %+v", m)
	}
	if got.Header.Get("Urgency") != "high" {
		t.Errorf("urgency %q", got.Header.Get("Urgency"))
	}
}

func TestASubscriptionThatIsGoneIsForgotten(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	b.subscribe()
	b.push.Behave(portstest.Forgets)
	b.alarm()
	eventually.True(t, "forgetting", func() bool { return b.devices(b.bearer) == 0 })
	b.push.Behave(portstest.Takes)
	b.subscribe()
	b.alarm()
	eventually.True(t, "a push to the new one", func() bool { return len(b.push.Pushes()) == 1 })
}

func TestWhoeverHasSignedOutGetsNoPushes(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	b.subscribe()
	b.Revoke("session")
	again := b.Token(b.user, "another", token.RoleUser)
	if n := b.devices(again); n != 0 {
		t.Errorf("%d devices are left", n)
	}
	if status, answer := b.call(http.MethodPost, "/v1/notifications/devices", b.bearer, `{}`); status != http.StatusUnauthorized {
		t.Errorf("a session that has ended registers: %d %s", status, answer)
	}
}
