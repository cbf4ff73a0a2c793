package apns_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/loveapp/backend/notification/internal/adapters/apns"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports/portstest"
	"github.com/loveapp/backend/notification/internal/providertest"
	"github.com/loveapp/backend/shared/config"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, server *providertest.APNs, now func() time.Time, limit time.Duration) *apns.Sender {
	t.Helper()
	s, err := apns.New(apns.Config{
		KeyID: providertest.APNsKeyID, TeamID: providertest.APNsTeamID, Key: config.Secret(server.Key), Topic: providertest.APNsTopic,
		ProductionURL: server.URL, SandboxURL: server.URL, Roots: server.Roots, Limit: limit, Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

var target = domain.Target{Channel: domain.Push, Provider: domain.APNs, Token: providertest.APNsToken, Environment: domain.Sandbox, AppID: providertest.APNsTopic}

func TestSender(t *testing.T) {
	t.Parallel()
	portstest.RunSender(t, func(t *testing.T) portstest.Station {
		t.Helper()
		server := providertest.NewAPNs(t)
		return portstest.Station{
			Sender: open(t, server, nil, providertest.Patience), Hasty: open(t, server, nil, providertest.Haste), Target: target,
			Can: []portstest.Outcome{
				portstest.Throttles, portstest.Fails, portstest.Refuses, portstest.Forgets, portstest.Distrusts,
				portstest.HangsUp, portstest.Hangs, portstest.Babbles, portstest.Floods, portstest.Redirects,
			},
			Behave: server.Behave, Seen: server.Seen, Shown: server.Shown, Pause: providertest.Pause, Secret: "bearer",
		}
	})
}

var parcel = domain.Parcel{
	ID: "1", To: target, Notification: "2", Seq: 3, Category: domain.SOS, Kind: "sos.triggered", Title: "t",
}

func TestAProviderTokenIsRenewedWhenItIsOldOrRefused(t *testing.T) {
	t.Parallel()
	server, now := providertest.NewAPNs(t), time.Now()
	s := open(t, server, func() time.Time { return now }, providertest.Patience)
	send := func(want int, when string) {
		t.Helper()
		if _, err := s.Send(t.Context(), parcel); err != nil || server.Tokens() != want {
			t.Errorf("%s %d tokens were used, wanted %d: %v", when, server.Tokens(), want, err)
		}
	}
	send(1, "at first")
	now = now.Add(39 * time.Minute)
	send(1, "before forty minutes")
	now = now.Add(time.Minute)
	send(2, "after forty minutes")
}

func TestATokenThatAppleCallsExpiredIsMadeAnew(t *testing.T) {
	t.Parallel()
	server, now := providertest.NewAPNs(t), time.Now()
	s := open(t, server, func() time.Time { now = now.Add(time.Second); return now }, providertest.Patience)
	if _, err := s.Send(t.Context(), parcel); err != nil {
		t.Fatal(err)
	}
	server.ExpireToken()
	if _, err := s.Send(t.Context(), parcel); err != nil || len(server.Seen()) != 2 {
		t.Errorf("%d arrived: %v", len(server.Seen()), err)
	}
}

func TestADeviceOfAnotherAppIsNotReached(t *testing.T) {
	t.Parallel()
	server := providertest.NewAPNs(t)
	p := parcel
	p.To.AppID = "example.other.app"
	_, err := open(t, server, nil, providertest.Patience).Send(t.Context(), p)
	if err == nil || err.Error() != "apns: gone (DeviceTokenNotForTopic)" {
		t.Errorf("it says %v", err)
	}
}

func TestADeviceIsGoneWhateverApplesReason(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{"a new reason": `{"reason":"Departed"}`, "none": "", "garbage": "<html>"} {
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusGone)
			_, _ = w.Write([]byte(body))
		}))
		server.EnableHTTP2 = true
		server.StartTLS()
		t.Cleanup(server.Close)
		apple := providertest.NewAPNs(t)
		apple.URL = server.URL
		apple.Roots.AddCert(server.Certificate())
		_, err := open(t, apple, nil, providertest.Patience).Send(t.Context(), parcel)
		if told, ok := errors.AsType[*domain.SendError](err); !ok || told.Kind != domain.Gone {
			t.Errorf("%s: it says %v", name, err)
		}
	}
}

func TestAKeyThatCannotSignIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := apns.New(apns.Config{KeyID: "k", TeamID: "t", Key: "no key", Topic: "a"}); err == nil {
		t.Error("it is taken")
	}
}
