package postgres

import "time"

// PingListenersEvery makes Listen notice silence sooner than a test would wait for.
func PingListenersEvery(db *DB, d time.Duration) { db.listenPing = d }
