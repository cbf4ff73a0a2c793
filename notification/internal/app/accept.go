package app

import (
	"context"
	"fmt"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/fault"
)

// Bounds of one intake: what a transaction should hold, and no more.
const (
	MaxItems = 500    // drafts
	maxPairs = 10_000 // (event, user) pairs
	maxNamed = 64     // wrong fields that an answer lists
)

// Accept puts what other services propose into inboxes, all or nothing, and
// tells connected devices. What goes to addresses is queued to be sent.
func (a *App) Accept(ctx context.Context, proposals []domain.Proposal) (accepted domain.Acceptance, err error) {
	drafts, err := a.drafts(proposals)
	if err != nil {
		return domain.Acceptance{}, err
	}
	done := a.telemetry.accepting(ctx, drafts)
	defer func() { done(err) }()
	entries := a.entries(drafts)
	if len(entries) > maxPairs {
		return domain.Acceptance{}, fault.NewInvalid(fault.Field{
			Field: "items", Code: "too_many", Message: fmt.Sprintf("must have at most %d recipients in all", maxPairs),
		})
	}
	letters, noChannel := a.letters(drafts)
	if err := a.post(ctx, letters); err != nil {
		return domain.Acceptance{}, err
	}
	if len(entries) > 0 {
		fresh, err := a.store.Insert(ctx, entries)
		if err != nil {
			return domain.Acceptance{}, err
		}
		a.stored(fresh, len(entries))
	}
	if err := a.forgetPlaces(ctx, drafts); err != nil {
		return domain.Acceptance{}, err
	}
	return domain.Acceptance{Accepted: len(entries) + len(letters), NoChannel: noChannel}, nil
}

func (a *App) drafts(proposals []domain.Proposal) ([]domain.Draft, error) {
	if len(proposals) == 0 || len(proposals) > MaxItems {
		return nil, fault.NewInvalid(fault.Field{
			Field: "items", Code: "out_of_range", Message: fmt.Sprintf("must have 1 to %d items", MaxItems),
		})
	}
	now := a.now()
	drafts := make([]domain.Draft, len(proposals))
	var wrong []fault.Field
	for i, p := range proposals {
		draft, fields := domain.NewDraft(p, fmt.Sprintf("items[%d].", i), now)
		a.prepare(&draft)
		drafts[i] = draft
		wrong = append(wrong, fields...)
	}
	if len(wrong) > 0 {
		return nil, fault.NewInvalid(wrong[:min(len(wrong), maxNamed)]...)
	}
	return drafts, nil
}

// entries pairs each draft with its users; a pair that comes twice counts once.
func (a *App) entries(drafts []domain.Draft) []domain.Entry {
	seen := map[domain.NotificationID]bool{}
	var entries []domain.Entry
	for i := range drafts {
		for _, e := range a.entriesOf(&drafts[i]) {
			if !seen[e.ID] {
				seen[e.ID] = true
				entries = append(entries, e)
			}
		}
	}
	return entries
}

// entriesOf pairs one draft with its users. The pair decides the id: where the
// store has lost a notification that devices have shown, the same event brings it
// under the same id again.
func (a *App) entriesOf(d *domain.Draft) []domain.Entry {
	entries := make([]domain.Entry, len(d.Users))
	drafts := d.ByReader()
	for i, user := range d.Users { // NewDraft names each once
		entries[i] = domain.Entry{ID: domain.NotificationID(a.nameID(string(user), d.EventID)), User: user, Draft: drafts[i]}
	}
	return entries
}

// stored makes live what has just been committed.
func (a *App) stored(fresh []domain.Notification, asked int) {
	a.counters.Stored.Add(int64(len(fresh)))
	a.counters.Repeated.Add(int64(asked - len(fresh)))
	if len(fresh) == 0 {
		return
	}
	a.deliver(fresh)
	a.send(errand{notifications: fresh})
	a.alert(fresh)
	a.wakeFollowers(fresh)
}
