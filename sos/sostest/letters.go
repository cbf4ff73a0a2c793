package sostest

import (
	"fmt"

	"github.com/loveapp/backend/sos/internal/domain"
)

// Letter is what somebody without the app was written.
type Letter struct {
	Channel string // email or sms
	To      string
	Locale  string
	Kind    string
	URL     string
}

// Letters are those that have been handed over so far, in order.
func (s *SOS) Letters() []Letter {
	var letters []Letter
	for _, l := range s.post.Taken() {
		one := Letter{Channel: string(l.To.Channel), To: l.To.To, Locale: l.To.Locale, URL: l.URL}
		switch {
		case l.Alert != nil:
			one.Kind = string(l.Alert.Kind)
		case l.Request != nil:
			one.Kind = "contact.consent"
		}
		letters = append(letters, one)
	}
	return letters
}

// AwaitLetters waits until n letters have been handed over, and gives them.
func (s *SOS) AwaitLetters(n int) []Letter {
	s.tb.Helper()
	return awaited(s, fmt.Sprintf("%d letters", n), n, s.Letters)
}

// CloseChannel makes email or sms one on which nothing can be sent, or opens it again.
func (s *SOS) CloseChannel(channel string, closed bool) {
	s.post.Close(domain.AddressChannel(channel), closed)
}
