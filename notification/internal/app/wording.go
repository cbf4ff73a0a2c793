package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/fault"
)

// errLanguages: nobody is told anything in a language of chance where it can wait.
var errLanguages = fault.New(fault.Unavailable, "unavailable", "The recipients' languages cannot be looked up at the moment. Try again shortly.").WithRetryAfter(time.Second)

// worded puts the words of the template of that name into the draft, "" leaving it
// as it is. wrong are the fields that keep it from that.
func (a *App) worded(ctx context.Context, d *domain.Draft, name domain.TemplateName) (wrong []fault.Field, err error) {
	if name == "" {
		return nil, nil
	}
	t, err := a.Template(ctx, name)
	if errors.Is(err, domain.ErrTemplateNotFound) {
		return []fault.Field{{Field: "template", Code: "unknown_value", Message: "must be the name of a template"}}, nil
	}
	if err != nil {
		return nil, err
	}
	if wrong := d.Worded(t); len(wrong) > 0 || len(d.Said) == 0 {
		return wrong, nil
	}
	locales, err := a.localesOf(ctx, d.Users)
	if err != nil && !d.Urgent() {
		return nil, fmt.Errorf("%w: %w", errLanguages, err)
	}
	d.Addressed(t, locales)
	return nil, nil
}

func (a *App) localesOf(ctx context.Context, users []domain.UserID) (map[domain.UserID]string, error) {
	locales := make(map[domain.UserID]string, len(users))
	if a.people == nil {
		return locales, nil
	}
	for some := range slices.Chunk(users, domain.MaxPeople) {
		people, err := a.people.Of(ctx, some)
		if err != nil {
			return locales, err
		}
		for user, person := range people {
			locales[user] = person.Locale
		}
	}
	return locales, nil
}
