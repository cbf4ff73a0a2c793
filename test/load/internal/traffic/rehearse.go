package traffic

import (
	"context"
	"fmt"
	"time"
)

// Rehearse does everything in the mix once, one after the other, and fails with
// the first that does not work: a load test of errors measures nothing. What
// was counted so far is forgotten.
func (t *Traffic) Rehearse(ctx context.Context) error {
	for i, s := range t.table {
		t.cfg.Requests.Sheet()
		if err := t.rehearse(ctx, s.Name, turn{due: time.Now(), pick: uint64(i)}); err != nil {
			return fmt.Errorf("rehearse %s: %w", s.Name, err)
		}
		for name, line := range t.cfg.Requests.Sheet().Lines {
			for fault := range line.Faults {
				return fmt.Errorf("rehearse %s: %s ends in %s", s.Name, name, fault)
			}
		}
	}
	t.cfg.Deliveries.Sheet()
	return ctx.Err()
}

func (t *Traffic) rehearse(ctx context.Context, name string, now turn) error {
	if name != announce {
		actions()[name](t, ctx, now)
		return nil
	}
	ref, to := t.tell(ctx, now)
	late := time.NewTimer(hearing)
	defer late.Stop()
	select {
	case <-t.posted.Arrival(ref, to[0]):
		return nil
	case <-late.C:
		return fmt.Errorf("it did not reach the socket in %s", hearing)
	case <-ctx.Done():
		return ctx.Err()
	}
}
