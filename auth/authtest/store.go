package authtest

import (
	"time"

	"github.com/loveapp/backend/auth/internal/adapters/memory"
)

// Store is what copies of one service share: the data, the news and the time.
type Store struct {
	clock      *clock
	memory     *memory.Store
	bulletin   *memory.Bulletin
	guesses    *memory.Guesses
	carrier    *memory.Carrier
	remembered *memory.Remembered
	eraser     *memory.Eraser
}

// NewStore is empty, and its time is now.
func NewStore() *Store {
	c := &clock{start: time.Now()}
	return &Store{
		clock: c, memory: memory.NewStore(c.now), bulletin: memory.NewBulletin(), guesses: memory.NewGuesses(c.now),
		remembered: memory.NewRemembered(c.now), carrier: &memory.Carrier{}, eraser: &memory.Eraser{},
	}
}
