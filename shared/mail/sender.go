package mail

import (
	"net/url"
	"strings"
)

// DefaultSender is whom mails come from where nobody says: no-reply at the host
// that the apps ask.
func DefaultSender(publicURL string) string {
	host := "localhost"
	if u, err := url.Parse(publicURL); err == nil && u.Hostname() != "" && !strings.Contains(u.Hostname(), ":") {
		host = u.Hostname()
	}
	return "Love App <no-reply@" + host + ">"
}
