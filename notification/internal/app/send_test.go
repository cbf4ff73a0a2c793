package app_test

import (
	"context"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

func TestAMailServerMayThinkForLongerThanOthers(t *testing.T) {
	t.Parallel()
	w := newTown()
	left := make(chan time.Duration, 2)
	note := func(ctx context.Context, _ domain.Parcel) error {
		end, _ := ctx.Deadline()
		left <- time.Until(end)
		return nil
	}
	one := w.start(t, quick())
	ana, ben := newUser(), newUser()
	w.people.Introduce(ana, domain.Person{Email: w.anaMail})
	w.people.Introduce(ben, domain.Person{Phone: w.anaPhone})
	w.mails.Answer(note)
	w.texts.Answer(note)
	one.notify(ben, domain.Critical)
	text := <-left
	one.notify(ana, domain.Critical)
	if mail := <-left; text > 10*time.Second || mail <= 10*time.Second {
		t.Errorf("a text may take %s and a mail %s, want 10 and 30 s", text, mail)
	}
}
