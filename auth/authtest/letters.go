package authtest

import (
	"errors"
	"regexp"
	"strings"
	"time"
)

// Letter is an e-mail or a text message as it was sent.
type Letter struct{ To, Subject, Text string }

// Letters are all that were sent to the address, in order.
func (a *Auth) Letters(to string) (letters []Letter) {
	for _, l := range a.store.carrier.Letters() {
		if l.To == to {
			letters = append(letters, Letter{l.To, l.Subject, l.Text})
		}
	}
	return letters
}

// patience with what is done off the path.
const patience = 30 * time.Second

// Letter waits for the nth letter to the address, the first being 1, of those
// with the words in subject or text. Letters that wait together go out in any order.
func (a *Auth) Letter(to, words string, n int) Letter {
	a.tb.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		found := 0
		for _, l := range a.Letters(to) {
			if strings.Contains(l.Subject, words) || strings.Contains(l.Text, words) {
				found++
			}
			if found == n {
				return l
			}
		}
	}
	a.tb.Fatalf("letter %d with %q did not come", n, words)
	return Letter{}
}

var (
	link = regexp.MustCompile(`https?://\S+#([A-Za-z0-9_-]+)`)
	code = regexp.MustCompile(`\b\d{6}\b`)
)

// Token is that of the letter's link; "" where it has none.
func (l Letter) Token() string {
	if found := link.FindStringSubmatch(l.Text); found != nil {
		return found[1]
	}
	return ""
}

// Code is the six digits in it; "" where it has none.
func (l Letter) Code() string { return code.FindString(l.Text) }

// Erased tells which services have been asked to forget the user.
func (a *Auth) Erased(userID string) (services []string) {
	for _, e := range a.store.eraser.Erased() {
		if string(e.User) == userID {
			services = append(services, e.Service)
		}
	}
	return services
}

// ServiceAway has erasures fail there until it is back.
func (a *Auth) ServiceAway(service string, away bool) {
	if away {
		a.store.eraser.Away(service, errors.New("away"))
		return
	}
	a.store.eraser.Away(service, nil)
}
