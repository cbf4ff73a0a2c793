package domain_test

import (
	"strings"
	"testing"

	"github.com/loveapp/backend/notification/internal/domain"
)

func TestAMessageTakesTheFormOfItsChannel(t *testing.T) {
	t.Parallel()
	const body, link = "First <b>line</b>\nsecond\n\nThird & last", "https://example.org/track#t"
	lay := func(c domain.Channel, link string) domain.Parcel {
		return domain.Lay(domain.Parcel{To: domain.Target{Channel: c}, Title: "Ann\r\nBcc: x"}, body, link)
	}
	for name, c := range map[string]struct{ got, want string }{
		"a push has its text":          {lay(domain.Push, link).Text, body},
		"an SMS is one line":           {lay(domain.SMS, link).Text, "First <b>line</b> second Third & last " + link},
		"an SMS without a link":        {lay(domain.SMS, "").Text, "First <b>line</b> second Third & last"},
		"an e-mail ends with the link": {lay(domain.Email, link).Text, body + "\n\n" + link},
		"an e-mail without a link":     {lay(domain.Email, "").Text, body},
		"a title is one line":          {lay(domain.Email, "").Title, "Ann Bcc: x"},
		"a push has no page":           {lay(domain.Push, link).HTML, ""},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", name, c.got, c.want)
		}
	}
	html := lay(domain.Email, link).HTML
	for _, part := range []string{"First &lt;b&gt;line&lt;/b&gt;<br>second</p>", "Third &amp; last</p>", `<a href="https://example.org/track#t">`, "<title>Ann Bcc: x</title>"} {
		if !strings.Contains(html, part) {
			t.Errorf("the page lacks %s:\n%s", part, html)
		}
	}
	if html := lay(domain.Email, "javascript:alert(1)").HTML; strings.Contains(html, `href="javascript`) {
		t.Errorf("the page runs code: %s", html)
	}
}
