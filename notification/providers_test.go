package notification_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/loveapp/backend/notification"
)

func configured(p notification.Providers) error {
	return notification.Config{Providers: p}.Validate()
}

func TestAProviderIsConfiguredWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	public, private, err := notification.NewVAPIDKeys()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		providers notification.Providers
		want      string // "" where nothing is wrong with it
	}{
		"nothing":            {notification.Providers{}, ""},
		"all of a pair":      {notification.Providers{VAPIDPublicKey: public, VAPIDPrivateKey: private, VAPIDSubject: "ops@example.org"}, ""},
		"half of a pair":     {notification.Providers{VAPIDPublicKey: public, VAPIDSubject: "ops@example.org"}, "VAPID_PUBLIC_KEY, VAPID_SUBJECT given without VAPID_PRIVATE_KEY"},
		"a pair of two":      {notification.Providers{VAPIDPublicKey: "x", VAPIDPrivateKey: private, VAPIDSubject: "ops@example.org"}, "cannot be used"},
		"a number only":      {notification.Providers{TwilioFrom: "+15005550006"}, "TWILIO_FROM given without TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN"},
		"a mail server only": {notification.Providers{SMTPURL: "smtp://mail.example.org"}, ""},
		"mail from nobody":   {notification.Providers{SMTPURL: "smtp://secret-host.example.org", MailFrom: "nobody"}, "SMTP_URL cannot be used"},
		"a mailbox only":     {notification.Providers{MailFrom: "Love App <sos@example.org>"}, ""},
		"mail":               {notification.Providers{SMTPURL: "smtps://u:p@mail.example.org:465", MailFrom: "Love App <sos@example.org>"}, ""},
		"a file that is not": {notification.Providers{FCMServiceAccount: "/secret-place/account.json"}, "FCM_SERVICE_ACCOUNT cannot be used"},
		"apple without key":  {notification.Providers{APNsKeyID: "k", APNsTeamID: "t", APNsTopic: "org.example"}, "APNS_KEY_ID, APNS_TEAM_ID, APNS_TOPIC given without APNS_KEY"},
	} {
		said := configured(c.providers).Error() // the rest of the config is missing, so there is one always
		if c.want != "" && !strings.Contains(said, c.want) {
			t.Errorf("%s: %s", name, said)
		}
		if wrong := strings.Contains(said, "cannot be used") || strings.Contains(said, "given without"); wrong != (c.want != "") {
			t.Errorf("%s: %s", name, said)
		}
		if strings.Contains(said, "secret-") {
			t.Errorf("%s tells a setting: %s", name, said)
		}
	}
}

func TestAPairOfKeysIsPrintedAsSettings(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := notification.PrintVAPIDKeys(&out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 || !strings.HasPrefix(lines[0], "VAPID_PUBLIC_KEY=B") || !strings.HasPrefix(lines[1], "VAPID_PRIVATE_KEY=") {
		t.Errorf("printed %d lines", len(lines))
	}
}
