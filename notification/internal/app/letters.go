package app

import (
	"context"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

// letters are the drafts to addresses that can be sent; noChannel are the places
// of those that cannot, which whoever proposed them keeps. The event and the
// address decide the id: together they are sent once.
func (a *App) letters(drafts []domain.Draft) (letters []domain.Letter, noChannel []int) {
	for i := range drafts {
		draft := &drafts[i]
		if draft.Address == nil {
			continue
		}
		carrier := a.carriers[draft.Address.Channel]
		if carrier == "" {
			noChannel = append(noChannel, i)
			continue
		}
		id := a.nameID(a.nameID(letterSpace, draft.EventID), string(draft.Address.Channel)+":"+draft.Address.To)
		letters = append(letters, domain.Letter{ID: domain.DeliveryID(id), Provider: carrier, Draft: draft})
	}
	return letters, noChannel
}

// letterSpace is a UUID of its own: no letter has the id of anything else.
const letterSpace = "7d3f6a52-6c0e-4f0b-9a55-3b2f1d9f2c11"

// post queues the letters.
func (a *App) post(ctx context.Context, letters []domain.Letter) error {
	if len(letters) == 0 {
		return nil
	}
	if err := a.store.Post(ctx, letters); err != nil {
		return err
	}
	for _, l := range letters {
		a.wakeSender(ports.Queue{Provider: l.Provider, Urgent: l.Draft.Priority == domain.Critical})
	}
	return nil
}

// wakeFollowers: what is critical may be due at once.
func (a *App) wakeFollowers(fresh []domain.Notification) {
	for _, n := range fresh {
		if n.Urgent() && len(a.senders) > 0 {
			wakeUp(a.plans[true])
			return
		}
	}
}
