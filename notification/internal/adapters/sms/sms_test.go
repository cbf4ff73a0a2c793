package sms_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/loveapp/backend/notification/internal/adapters/sms"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports/portstest"
	"github.com/loveapp/backend/notification/internal/providertest"
	"github.com/loveapp/backend/shared/config"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, server *providertest.SMS, limit time.Duration) *sms.Sender {
	t.Helper()
	s, err := sms.New(sms.Config{
		BaseURL: server.URL, AccountSID: server.AccountSID, AuthToken: config.Secret(server.AuthToken), From: server.From, Limit: limit,
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
		server := providertest.NewSMS(t)
		return portstest.Station{
			Sender: open(t, server, providertest.Patience), Hasty: open(t, server, providertest.Haste), Target: domain.Target{Channel: domain.SMS, Provider: domain.Twilio, Address: "+33612345678"},
			Can: []portstest.Outcome{
				portstest.Throttles, portstest.Fails, portstest.Refuses, portstest.Distrusts,
				portstest.HangsUp, portstest.Hangs, portstest.Babbles, portstest.Floods, portstest.Redirects, portstest.Mumbles,
			},
			Behave: server.Behave, Seen: server.Seen, Pause: providertest.Pause, Secret: server.AuthToken,
		}
	})
}
