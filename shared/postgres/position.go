package postgres

import "time"

// position is how far a server has come: bytes of write-ahead log. What is
// committed on the primary stands below its position, and a replica that has
// come as far shows it.
type position int64

// selectPosition asks a primary for what it has flushed, which includes every
// commit that was answered, and a replica for what it has replayed.
const selectPosition = `SELECT pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery()
		THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_flush_lsn() END, '0/0')::bigint AS at,
	pg_backend_pid() AS session`

// sighting is what one look at a server has shown.
type sighting struct {
	At      position `db:"at"`
	Session int64    `db:"session"` // of the connection that looked
}

// track is where the primary has been lately, the newest last: it tells a
// replica's delay without a clock that both would have to share, and while
// nobody writes.
type track struct {
	points []point
}

type point struct {
	at   position
	when time.Time
}

// trackLength covers more than the longest delay that matters.
const trackLength = 2 * int(maxLag/watchEvery)

func (t *track) add(at position, now time.Time) {
	if len(t.points) > 0 && at < t.points[len(t.points)-1].at {
		t.points = t.points[:0] // another primary, which has not come as far: the past was another one
	}
	t.points = append(t.points, point{at, now})
	if extra := len(t.points) - trackLength; extra > 0 {
		t.points = append(t.points[:0], t.points[extra:]...)
	}
}

// behind is for how long there has been something that a replica at this
// position does not have.
func (t *track) behind(at position, now time.Time) time.Duration {
	for _, p := range t.points {
		if p.at > at {
			return now.Sub(p.when)
		}
	}
	return 0
}
