package smtp_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/loveapp/backend/notification/internal/adapters/smtp"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports/portstest"
	"github.com/loveapp/backend/notification/internal/providertest"
	"github.com/loveapp/backend/shared/config"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, server *providertest.SMTP, url string, limit time.Duration) *smtp.Sender {
	t.Helper()
	s, err := smtp.New(smtp.Config{URL: config.Secret(url), From: "Love App <sos@love.example>", Roots: server.Roots, Limit: limit})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var target = domain.Target{Channel: domain.Email, Provider: domain.SMTP, Address: "dora@contact.example"}

func TestSender(t *testing.T) {
	t.Parallel()
	portstest.RunSender(t, func(t *testing.T) portstest.Station {
		t.Helper()
		server := providertest.NewSMTP(t)
		url := "smtp://" + server.User + ":" + server.Password + "@" + server.Address
		return portstest.Station{
			Sender: open(t, server, url, providertest.Patience), Hasty: open(t, server, url, providertest.Haste), Target: target,
			Can: []portstest.Outcome{
				portstest.Fails, portstest.Refuses, portstest.Distrusts, portstest.HangsUp, portstest.Hangs, portstest.Babbles,
			},
			Behave: server.Behave, Seen: server.Seen, Secret: server.Password,
		}
	})
}

func send(t *testing.T, s *smtp.Sender, to string) string {
	t.Helper()
	p := domain.Parcel{ID: "1", To: target, Title: "Help", Text: "Come.", HTML: "<p>Come.</p>"}
	p.To.Address = to
	_, err := s.Send(t.Context(), p)
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestNoPasswordIsSaidInTheOpen(t *testing.T) {
	t.Parallel()
	server := providertest.NewSMTP(t)
	for url, want := range map[string]string{
		"smtp://" + server.Address: "smtp: misconfigured (530)",
		"smtp://" + server.User + ":" + server.Password + "@" + server.Address:                        "",
		"smtp://" + server.User + ":wrong@" + server.Address:                                          "smtp: misconfigured (535)",
		"smtp://" + server.User + ":" + server.Password + "@" + server.Address + "?starttls=required": "",
	} {
		if got := send(t, open(t, server, url, providertest.Patience), target.Address); got != want {
			t.Errorf("%s: it says %q, wanted %q", url, got, want)
		}
	}
	server.Roots = nil // its certificate is nobody's
	if got := send(t, open(t, server, "smtp://"+server.User+":"+server.Password+"@"+server.Address, providertest.Patience), target.Address); got != "smtp: misconfigured (certificate)" {
		t.Errorf("a foreign certificate: it says %q", got)
	}
}

func TestAnAddressIsOneMailbox(t *testing.T) {
	t.Parallel()
	server := providertest.NewSMTP(t)
	s := open(t, server, "smtp://"+server.User+":"+server.Password+"@"+server.Address, providertest.Patience)
	for _, address := range []string{
		"", "dora", "a@b.example, c@d.example", "Dora <dora@contact.example>", "dora@contact.example\r\nBcc: all@example.org", "<dora@contact.example>",
	} {
		if got := send(t, s, address); got != "smtp: rejected (address)" {
			t.Errorf("%q: it says %q", address, got)
		}
	}
	if n := len(server.Seen()); n != 0 {
		t.Errorf("%d mails went out", n)
	}
}

func TestAURLThatIsNoneIsRefusedWithoutShowingIt(t *testing.T) {
	t.Parallel()
	for _, url := range []config.Secret{"", "mail.example", "http://mail.example", "smtp://u:p@", "smtp://h:x", "smtp://h?starttls=maybe", "smtp://u:%zz@h"} {
		if _, err := smtp.New(smtp.Config{URL: url, From: "a@b.example"}); err == nil {
			t.Errorf("%s is taken", url.Value())
		}
	}
	if _, err := smtp.New(smtp.Config{URL: "smtp://mail.example", From: "nobody"}); err == nil {
		t.Error("a sender without an address is taken")
	}
}
