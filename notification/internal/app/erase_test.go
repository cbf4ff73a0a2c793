package app_test

import (
	"testing"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/eventually"
)

func TestTheSocketsOfAnErasedUserAreClosedEverywhere(t *testing.T) {
	t.Parallel()
	w := newWorld()
	one, other := w.start(t, quick()), w.start(t, quick())
	ana, ben := newUser(), newUser()
	hers := []*device{one.connect(ana), other.connect(ana)}
	his := other.connect(ben)
	eventually.True(t, "both are in the registry", func() bool {
		all, err := w.registry.Of(t.Context(), []domain.UserID{ana, ben})
		return err == nil && len(all) == 3
	})
	if err := one.Erase(t.Context(), ana); err != nil {
		t.Fatal(err)
	}
	for _, d := range hers {
		eventually.True(t, "it is closed", func() bool { _, reason := d.Got(); return reason == domain.SessionEnded })
	}
	other.notify(ben, domain.Medium)
	his.expect(t, "connected:0 1")
}
