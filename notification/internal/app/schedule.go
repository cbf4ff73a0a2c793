package app

import (
	"context"
	"encoding/json"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

// schedulePoll is how often every instance looks for what is due: together with
// the release itself well within the second that it may be late.
const schedulePoll = 250 * time.Millisecond

// keepSchedule sends announcements when their time has come.
func (a *App) keepSchedule(ctx context.Context) {
	tick := time.NewTicker(schedulePoll)
	defer tick.Stop()
	for {
		for ctx.Err() == nil && a.release(ctx) {
		}
		select {
		case <-a.scheduled:
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// release sends one; more tells whether there may be another.
func (a *App) release(ctx context.Context) (more bool) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), hopTime)
	defer cancel()
	asked := 0
	released, fresh, err := a.store.Release(ctx, func(d *domain.Draft) []domain.Entry {
		a.prepare(d)
		entries := a.entriesOf(d)
		asked = len(entries)
		return entries
	})
	if err != nil {
		a.logger.DebugContext(ctx, "the schedule could not be read; it is looked at again soon", "error", err)
		return false
	}
	if released == nil {
		return false
	}
	if asked > 0 {
		a.stored(fresh, asked)
	}
	if d := &released.Draft; d.Topic != "" && (d.ExpiresAt == nil || d.ExpiresAt.After(a.now())) {
		a.proclaim(ctx, d)
	}
	return true
}

// Cancel keeps a scheduled announcement from going out.
func (a *App) Cancel(ctx context.Context, id string) error { return a.store.Cancel(ctx, id) }

// announced is the name of the event by which a topic's room hears of an announcement.
const announced = "announcement"

// proclaim tells those who are in the topic's room now. Nobody is a member of a
// topic in any other way, so it is in no inbox.
func (a *App) proclaim(ctx context.Context, d *domain.Draft) {
	e, err := proclamation(d)
	if err == nil {
		err = a.Happen(e)
	}
	if err != nil {
		a.logger.WarnContext(ctx, "an announcement could not be told in its room", "event_id", d.EventID, "error", err)
	}
}

// proclamation is the draft as an event of its topic's room; it fails where it says more than an event holds.
func proclamation(d *domain.Draft) (domain.Event, error) {
	data, err := json.Marshal(map[string]any{
		"id": d.EventID, "category": d.Category, "priority": d.Priority, "title": d.Title, "body": d.Body, "data": d.Data,
	})
	if err != nil {
		return domain.Event{}, err
	}
	return domain.NewEvent(domain.Event{ID: d.EventID, Room: d.Topic, Name: announced, At: d.CreatedAt, Data: data})
}
