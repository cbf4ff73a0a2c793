package app

import (
	"context"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

const (
	// ackGather is how long acks wait for others to share a statement with. There
	// are as many of them as notifications shown, and each alone would be a transaction.
	ackGather = 25 * time.Millisecond
	// ackBatch is the most that one statement notes.
	ackBatch = 2000
	// ackQueue: whoever finds it full waits, and with a socket what it sends.
	ackQueue = 4096
	// ackTime is how long the store is tried, and ackAgain the pause in between.
	ackTime  = 4 * time.Second
	ackAgain = 100 * time.Millisecond
)

// shown is what one device has said in one go.
type shown struct {
	acks  []domain.Ack
	noted chan<- error // holds one; nil: nobody waits
}

// AckIDs notes that a device has shown just these notifications, and returns when it is noted.
func (a *App) AckIDs(ctx context.Context, user domain.UserID, ids []domain.NotificationID) error {
	noted := make(chan error, 1)
	if err := a.ackSoon(ctx, user, ids, noted); err != nil {
		return err
	}
	select {
	case err := <-noted:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ackSoon has it noted within moments.
func (a *App) ackSoon(ctx context.Context, user domain.UserID, ids []domain.NotificationID, noted chan<- error) error {
	s := shown{acks: make([]domain.Ack, len(ids)), noted: noted}
	for i, id := range ids {
		s.acks[i] = domain.Ack{User: user, ID: id}
	}
	select {
	case a.acks <- s:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// AckThrough notes that a device has shown everything up to seq. The device hears
// nothing of an ack and does not send it again, so the store is tried for as long
// as with AckIDs: through a failover, or a deadlock with what another device has read.
func (a *App) AckThrough(ctx context.Context, user domain.UserID, seq domain.Seq) error {
	ctx, cancel := context.WithTimeout(ctx, ackTime)
	defer cancel()
	err := a.store.AckThrough(ctx, user, seq)
	for err != nil && sleep(ctx, ackAgain) {
		err = a.store.AckThrough(ctx, user, seq)
	}
	return err
}

// noteAcks notes what devices have shown, many at a time.
func (a *App) noteAcks(ctx context.Context) {
	work := context.WithoutCancel(ctx) // what was said before the end is still noted
	for ctx.Err() == nil || len(a.acks) > 0 {
		select {
		case first := <-a.acks:
			a.noteBatch(work, a.gatherAcks(ctx, first))
		case <-ctx.Done():
		}
	}
}

func (a *App) gatherAcks(ctx context.Context, first shown) []shown {
	batch, count := []shown{first}, len(first.acks)
	enough := time.NewTimer(ackGather)
	defer enough.Stop()
	for count < ackBatch {
		select {
		case next := <-a.acks:
			batch, count = append(batch, next), count+len(next.acks)
		case <-enough.C:
			return batch
		case <-ctx.Done():
			return batch
		}
	}
	return batch
}

func (a *App) noteBatch(ctx context.Context, batch []shown) {
	ctx, cancel := context.WithTimeout(ctx, ackTime)
	defer cancel()
	var acks []domain.Ack
	for _, one := range batch {
		acks = append(acks, one.acks...)
	}
	err := a.store.AckIDs(ctx, acks)
	for err != nil && sleep(ctx, ackAgain) {
		err = a.store.AckIDs(ctx, acks)
	}
	if err != nil {
		a.counters.AckFailures.Add(int64(len(acks)))
		a.logger.WarnContext(ctx, "what devices have shown could not be noted: they may be told once more by another way", "acks", len(acks), "error", err)
	}
	for _, one := range batch {
		if one.noted != nil {
			one.noted <- err
		}
	}
}

// sleep is false when ctx ends first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
