package app

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/fault"
)

// Announce sends an administrator's message, now or at its time. Its id is its event's id too.
func (a *App) Announce(ctx context.Context, by domain.UserID, key domain.IdempotencyKey, p domain.Proposal) (domain.Receipt, error) {
	id := a.announcementID(by, key)
	p.EventID = id
	draft, wrong := domain.NewDraft(p, "", a.now())
	more, err := a.worded(ctx, &draft, domain.TemplateName(p.Template))
	if err != nil {
		return domain.Receipt{}, err
	}
	if wrong = append(wrong, more...); len(wrong) > 0 {
		return domain.Receipt{}, fault.NewInvalid(wrong[:min(len(wrong), maxNamed)]...)
	}
	if draft.Topic != "" {
		if _, err := proclamation(&draft); err != nil {
			return domain.Receipt{}, err
		}
	}
	a.prepare(&draft)
	entries := a.entriesOf(&draft)
	receipt, fresh, err := a.store.Announce(ctx, domain.Announcement{ID: id, By: by, Draft: draft, Key: key}, entries)
	if err != nil {
		return domain.Receipt{}, err
	}
	switch {
	case draft.SendAt != nil:
		wakeUp(a.scheduled)
	case draft.Topic != "":
		if receipt.ID == id { // else it is a repeat
			a.proclaim(ctx, &draft)
		}
	default:
		a.stored(fresh, len(entries))
	}
	return receipt, nil
}

// announcementID follows from the request where that has a key: where a database
// that failed over has lost the first one, the repeat is the same announcement, and
// devices that have shown it know it. The day is part of it, because a key is good
// for one, and may then be used for the same again.
func (a *App) announcementID(by domain.UserID, key domain.IdempotencyKey) string {
	if key.Value == "" {
		return a.newID()
	}
	return a.nameID(string(by), "announcement "+key.Value+" "+hex.EncodeToString(key.Fingerprint[:])+" "+a.now().UTC().Format(time.DateOnly))
}
