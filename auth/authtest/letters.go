package authtest

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/loveapp/backend/shared/eventually"
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

// Letter waits for the nth letter to the address, the first being 1, of those
// with the words in subject or text. Letters that wait together go out in any order.
func (a *Auth) Letter(to, words string, n int) (letter Letter) {
	a.tb.Helper()
	eventually.True(a.tb, fmt.Sprintf("letter %d with %q has come", n, words), func() bool {
		found := 0
		for _, letter = range a.Letters(to) {
			if strings.Contains(letter.Subject, words) || strings.Contains(letter.Text, words) {
				found++
			}
			if found == n {
				return true
			}
		}
		return false
	})
	return letter
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
