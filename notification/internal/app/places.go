package app

import (
	"context"
	"slices"

	"github.com/loveapp/backend/notification/internal/domain"
)

// forgetPlaces takes where somebody was out of all inboxes once the drafts say
// that it is over. Where that fails the drafts are sent again.
func (a *App) forgetPlaces(ctx context.Context, drafts []domain.Draft) error {
	var ended []string
	for i := range drafts {
		if ticket := drafts[i].EndedTicket(); ticket != "" && !slices.Contains(ended, ticket) {
			ended = append(ended, ticket)
		}
	}
	if len(ended) == 0 {
		return nil
	}
	return a.store.ForgetPlaces(ctx, ended)
}
