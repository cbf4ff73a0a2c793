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
	draft, err := a.announcementOf(ctx, p)
	if err != nil {
		return a.answeredBefore(ctx, by, key, err)
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

// announcementOf is the proposal in the words that it goes out in.
func (a *App) announcementOf(ctx context.Context, p domain.Proposal) (domain.Draft, error) {
	draft, wrong := domain.NewDraft(p, "", a.now())
	more, err := a.worded(ctx, &draft, domain.TemplateName(p.Template))
	if err != nil {
		return domain.Draft{}, err
	}
	if wrong = append(wrong, more...); len(wrong) > 0 {
		return domain.Draft{}, fault.NewInvalid(wrong[:min(len(wrong), maxNamed)]...)
	}
	if draft.Topic != "" {
		_, err = proclamation(&draft)
	}
	return draft, err
}

// answeredBefore: what was good when it first came may have expired since, or its
// template may be gone. The repeat has the first answer all the same.
func (a *App) answeredBefore(ctx context.Context, by domain.UserID, key domain.IdempotencyKey, refused error) (domain.Receipt, error) {
	if key.Value == "" {
		return domain.Receipt{}, refused
	}
	receipt, found, err := a.store.Announced(ctx, by, key)
	if err != nil || !found {
		return domain.Receipt{}, refused
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
