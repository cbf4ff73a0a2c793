package postgres

import (
	"context"
	"database/sql"
)

// race is the connecting to several hosts at once.
type race struct {
	connector *connector
	results   chan result // room for all, so that nobody waits to tell
	pending   int
	others    bool // they have entered too
	errs      []error
	first     int
}

type result struct {
	conn *conn
	err  error
}

func (r *race) enter(ctx context.Context, host int) {
	r.first = host
	r.start(ctx, host)
}

func (r *race) enterOthers(ctx context.Context) {
	if r.others {
		return
	}
	r.others = true
	for host := range r.connector.hosts {
		if host != r.first {
			r.start(ctx, host)
		}
	}
}

func (r *race) start(ctx context.Context, host int) {
	r.pending++
	if !r.connector.racing.run(func() {
		opened, err := r.connector.open(ctx, host)
		r.results <- result{opened, err}
	}) {
		r.results <- result{err: sql.ErrConnDone}
	}
}

// dismiss closes what the others still open: they are aborted when the race ends.
func (r *race) dismiss() {
	late := func() {
		for range r.pending {
			if one := <-r.results; one.err == nil {
				_ = one.conn.Close()
			}
		}
	}
	if r.pending > 0 && !r.connector.racing.run(late) {
		late()
	}
}
