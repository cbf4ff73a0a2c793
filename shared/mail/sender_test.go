package mail_test

import (
	"testing"

	"github.com/loveapp/backend/shared/mail"
)

func TestMailsComeFromTheHostThatTheAppsAsk(t *testing.T) {
	t.Parallel()
	for publicURL, want := range map[string]string{
		"https://love.example.org/app": "Love App <no-reply@love.example.org>",
		"http://localhost:3000":        "Love App <no-reply@localhost>",
		"http://[::1]:3000":            "Love App <no-reply@localhost>", // an address of that kind is no host of a mailbox
		"":                             "Love App <no-reply@localhost>",
	} {
		got := mail.DefaultSender(publicURL)
		if _, err := mail.ParseSender(got); err != nil || got != want {
			t.Errorf("%q: %s, %v", publicURL, got, err)
		}
	}
}
