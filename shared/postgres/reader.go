package postgres

import (
	"context"
	"reflect"
)

// Reader reads from the first replica that will do, else from the primary. It
// shows every write that was answered before the read began, whichever process
// made it: the replica is only read once it has come as far as the primary was
// then. Nothing that decides about login, tokens or an emergency uses it: while
// the primary does not answer, what it shows may be some moments old.
type Reader struct{ db *DB }

// Reader is for what need not be read from the primary.
func (db *DB) Reader() Reader { return Reader{db} }

// GetContext reads one row into dst; sql.ErrNoRows where there is none.
func (r Reader) GetContext(ctx context.Context, dst any, query string, args ...any) error {
	return r.read(ctx, dst, func(ctx context.Context, p *Pool) error { return p.GetContext(ctx, dst, query, args...) })
}

// SelectContext reads every row into the slice that dst points to.
func (r Reader) SelectContext(ctx context.Context, dst any, query string, args ...any) error {
	return r.read(ctx, dst, func(ctx context.Context, p *Pool) error { return p.SelectContext(ctx, dst, query, args...) })
}

func (r Reader) read(ctx context.Context, dst any, use func(context.Context, *Pool) error) error {
	var target position
	asked := false
	for _, one := range r.db.replicas {
		if !one.usable.Load() || one.slow.Load() {
			continue
		}
		if !asked {
			asked, target = true, r.db.horizon(ctx)
		}
		if !one.reaches(ctx, target) {
			continue
		}
		r.db.figures.reads.WithLabelValues(one.name).Inc()
		err := one.read(ctx, use)
		if err == nil || ctx.Err() != nil || !elsewhere(err) {
			return err
		}
		reflect.ValueOf(dst).Elem().SetZero() // it may hold some rows already
	}
	r.db.figures.reads.WithLabelValues(r.db.primary.name).Inc()
	return use(ctx, r.db.primary.pool)
}

// horizon is where the primary is now. While it does not answer, the replicas
// are all there is: then any position will do.
func (db *DB) horizon(ctx context.Context) position {
	if db.silent.Load() {
		return 0
	}
	seen, err := db.primary.look(ctx)
	if err != nil {
		return 0
	}
	return seen.At
}

// elsewhere: another server may well answer what this one has not. What took it
// too long would take another one too long, too.
func elsewhere(err error) bool {
	return (passing(err) || isCanceled(err)) && !hasCode(err, queryCanceled)
}
