package mail_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/wneessen/go-mail"

	shared "github.com/loveapp/backend/shared/mail"
)

func write(t *testing.T, m shared.Message) (string, error) {
	t.Helper()
	from, err := shared.ParseSender("Love App <app@love.example>")
	if err != nil {
		t.Fatal(err)
	}
	text, err := m.Write(from, time.Now())
	return string(text), err
}

func TestNoTextBecomesAHeader(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"Hello\r\nBcc: all@love.example", "Hello\nBcc: all@love.example", "Hello\rBcc: all@love.example",
		"Hello\u2028Bcc: all@love.example", "Hello\x00\r\n\r\nBcc: all@love.example", strings.Repeat("long ", 200) + "\r\nBcc: all@love.example",
	} {
		written, err := write(t, shared.Message{ID: "1", To: "dora@love.example", Subject: text, Text: text})
		if err != nil {
			t.Fatal(err)
		}
		read, err := mail.EMLToMsgFromString(written)
		if err != nil {
			t.Fatalf("%q: %v", written, err)
		}
		if len(read.GetBcc()) != 0 || len(read.GetToString()) != 1 {
			t.Errorf("%q: it goes to others", text)
		}
		headers, _, _ := strings.Cut(written, "\r\n\r\n")
		if strings.Contains(headers, "\r\nBcc") {
			t.Errorf("%q: %s", text, headers)
		}
	}
}

func TestAnAddressIsOneMailbox(t *testing.T) {
	t.Parallel()
	for _, to := range []string{
		"", "dora", "a@b.example, c@d.example", "Dora <dora@love.example>", "dora@love.example\r\nBcc: all@love.example", "<dora@love.example>",
	} {
		if _, err := write(t, shared.Message{ID: "1", To: to, Subject: "x", Text: "x"}); !errors.Is(err, shared.ErrAddress) {
			t.Errorf("%q: %v", to, err)
		}
	}
}
