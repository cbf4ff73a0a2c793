package traffic

import (
	"sync"

	"github.com/loveapp/backend/test/load/internal/people"
)

// showing is a notification that somebody's phone has shown.
type showing struct {
	by people.Person
	id string
}

// shelf keeps the latest showings, for acknowledgements to choose from.
type shelf struct {
	mu   sync.Mutex
	kept []showing
	next int
}

const shelfSize = 4096

func (s *shelf) put(one showing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.kept) < shelfSize {
		s.kept = append(s.kept, one)
		return
	}
	s.kept[s.next] = one
	s.next = (s.next + 1) % shelfSize
}

// pick gives one of them, false where nothing has been shown yet.
func (s *shelf) pick(n uint64) (showing, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.kept) == 0 {
		return showing{}, false
	}
	return among(s.kept, n), true
}
