// Package providertest holds servers that speak the protocols of the providers,
// as strictly as these do, for tests of what is sent to them.
package providertest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/ports/portstest"
)

// Pause is what the servers ask for when they want less.
const Pause = 7 * time.Second

const (
	// Patience is the limit to give a sender: no busy machine is taken for a dead server.
	Patience = time.Minute
	// Haste is for one whose server hangs: that is found out soon.
	Haste = 50 * time.Millisecond
)

// behaviour is how a server answers, and what it has taken.
type behaviour struct {
	t  *testing.T
	mu sync.Mutex
	// now is for all until it is changed.
	now     portstest.Outcome
	seen    []string
	shown   map[string]bool // what a device shows, by what the next of the same name replaces
	release chan struct{}   // closed when those that hang may go
}

func newBehaviour(t *testing.T) *behaviour {
	t.Helper()
	return &behaviour{t: t, now: portstest.Takes, shown: map[string]bool{}, release: make(chan struct{})}
}

// Behave has the server answer so from now on.
func (b *behaviour) Behave(outcome portstest.Outcome) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = outcome
}

// Seen gives the text of each message that was taken.
func (b *behaviour) Seen() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.seen)
}

// Shown is how many of the messages a device shows that had none before: a push
// that is named as an earlier one takes its place.
func (b *behaviour) Shown() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.shown)
}

func (b *behaviour) show(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if name == "" { // replaces nothing
		name = "message " + strconv.Itoa(len(b.seen))
	}
	b.shown[name] = true
}

func (b *behaviour) outcome() portstest.Outcome {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *behaviour) take(text string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seen = append(b.seen, text)
	return len(b.seen)
}

// elsewhere is where a redirect leads.
const elsewhere = "/elsewhere"

// strike is an answer of the protocol's own.
type strike struct {
	status int
	body   any
}

// trouble answers with what no protocol has a word for; false where outcome has one.
func (b *behaviour) trouble(w http.ResponseWriter, r *http.Request, outcome portstest.Outcome) bool {
	switch outcome {
	case portstest.Hangs:
		select {
		case <-b.release:
		case <-r.Context().Done():
		}
		panic(http.ErrAbortHandler)
	case portstest.HangsUp:
		w.Header().Set("Content-Length", "1000")
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write([]byte(`{"name":`))
		panic(http.ErrAbortHandler)
	case portstest.Babbles:
		w.WriteHeader(http.StatusBadGateway)
		_, _ = w.Write([]byte("<html>bad gateway\x00\xff"))
	case portstest.Floods:
		w.WriteHeader(http.StatusBadGateway)
		for chunk := make([]byte, 32<<10); r.Context().Err() == nil; {
			if _, err := w.Write(chunk); err != nil {
				break
			}
		}
	case portstest.Redirects:
		if r.URL.Path == elsewhere {
			b.t.Error("a redirect was followed: it may lead credentials anywhere")
		}
		http.Redirect(w, r, elsewhere, http.StatusTemporaryRedirect)
	case portstest.Mumbles:
		_, _ = w.Write([]byte("<html>welcome to this network\x00\xff"))
	default:
		return false
	}
	return true
}

func answer(w http.ResponseWriter, s strike) {
	if s.status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", strconv.Itoa(int(Pause/time.Second)))
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(s.status)
	if s.body != nil {
		_ = json.NewEncoder(w).Encode(s.body)
	}
}
