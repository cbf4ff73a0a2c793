package fcm_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/loveapp/backend/notification/internal/adapters/fcm"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports/portstest"
	"github.com/loveapp/backend/notification/internal/providertest"
	"github.com/loveapp/backend/shared/config"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, server *providertest.FCM, now func() time.Time, limit time.Duration) *fcm.Sender {
	t.Helper()
	s, err := fcm.New(fcm.Config{
		BaseURL: server.URL, ServiceAccount: config.Secret(server.ServiceAccount), Limit: limit, Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestSender(t *testing.T) {
	t.Parallel()
	portstest.RunSender(t, func(t *testing.T) portstest.Station {
		t.Helper()
		server := providertest.NewFCM(t)
		return portstest.Station{
			Sender: open(t, server, nil, providertest.Patience), Hasty: open(t, server, nil, providertest.Haste), Target: domain.Target{Channel: domain.Push, Provider: domain.FCM, Token: providertest.FCMToken},
			Can: []portstest.Outcome{
				portstest.Throttles, portstest.Fails, portstest.Refuses, portstest.Forgets, portstest.Distrusts,
				portstest.HangsUp, portstest.Hangs, portstest.Babbles, portstest.Floods, portstest.Redirects, portstest.Mumbles,
			},
			Behave: server.Behave, Seen: server.Seen, Shown: server.Shown, Pause: providertest.Pause, Secret: "ya29",
		}
	})
}

var parcel = domain.Parcel{
	ID: "1", To: domain.Target{Provider: domain.FCM, Token: providertest.FCMToken}, Notification: "2", Seq: 3, Category: domain.SOS, Kind: "sos.triggered", Title: "t",
}

func TestAnAccessTokenIsUsedUntilItEndsOrIsRefused(t *testing.T) {
	t.Parallel()
	server, now := providertest.NewFCM(t), time.Now().Add(-59*time.Minute) // the server has a clock, too
	s := open(t, server, func() time.Time { return now }, providertest.Patience)
	send := func(want int, when string) {
		t.Helper()
		if _, err := s.Send(t.Context(), parcel); err != nil || server.Tokens() != want {
			t.Errorf("%s %d tokens were asked for, wanted %d: %v", when, server.Tokens(), want, err)
		}
	}
	send(1, "at first")
	send(1, "right after")
	now = now.Add(58 * time.Minute)
	send(1, "shortly before its end")
	now = now.Add(time.Minute)
	send(2, "a minute before its end")
	server.Expire() // counts as one
	send(4, "when it is refused")
}

func TestTheWrongServiceAccountCostsNoDevices(t *testing.T) {
	t.Parallel()
	server := providertest.NewFCM(t)
	server.Behave(portstest.Distrusts)
	server.Word("SENDER_ID_MISMATCH")
	_, err := open(t, server, nil, providertest.Patience).Send(t.Context(), parcel)
	if err == nil || err.Error() != "fcm: misconfigured (SENDER_ID_MISMATCH)" {
		t.Errorf("it says %v", err)
	}
}

func TestAServiceAccountThatCannotSignIsRefused(t *testing.T) {
	t.Parallel()
	for name, account := range map[string]config.Secret{
		"nothing": "", "no JSON": "key", "no key": `{"project_id":"p","client_email":"e","token_uri":"https://x.example"}`,
	} {
		if _, err := fcm.New(fcm.Config{ServiceAccount: account}); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
