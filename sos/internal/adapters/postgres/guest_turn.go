package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/loveapp/backend/sos/internal/domain"
)

// A guest waits for the others who press at the same address so often and so
// long: 200 ms in all, in which tens of presses are stored.
const (
	addressTries = 20
	addressPause = 10 * time.Millisecond
)

// guestsInNeed counts the open tickets of guests at an address, such that no two
// who press there in the same moment count the same. It waits no longer than
// there is anything to gain: of a crowd all but the first are trusted less
// whatever the exact number is, and none of them is refused for it.
func guestsInNeed(ctx context.Context, tx *sqlx.Tx, network string) (int, error) {
	const turn = `SELECT pg_try_advisory_xact_lock(hashtextextended('sos.guests ' || $1, 0))`
	// A statement of its own: it has to see what was committed before the turn was had.
	const count = `SELECT count(*) FROM tickets WHERE guest_address = $1 AND closed_at IS NULL`
	for try := 1; ; try++ {
		var mine bool
		if err := tx.GetContext(ctx, &mine, turn, network); err != nil {
			return 0, fmt.Errorf("wait for the address's turn: %w", err)
		}
		n := 0
		if err := tx.GetContext(ctx, &n, count, network); err != nil {
			return 0, fmt.Errorf("count guests in need: %w", err)
		}
		switch {
		case mine || n >= domain.MaxOpenGuests:
			return n, nil
		case try == addressTries:
			return domain.MaxOpenGuests, nil
		}
		select {
		case <-time.After(addressPause):
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}
