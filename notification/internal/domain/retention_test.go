package domain_test

import (
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

func TestAnEntryIsKeptUntilItIsSettledAndOldOrVeryOld(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	r := domain.Retention{}.WithDefaults()
	for name, c := range map[string]struct {
		age     time.Duration
		settled bool
		want    bool
	}{
		"new, settled":      {0, true, true},
		"a week, settled":   {7 * day, true, true},
		"89 days, settled":  {89 * day, true, true},
		"90 days, settled":  {90 * day, true, false},
		"90 days, unread":   {90 * day, false, true},
		"399 days, unread":  {399 * day, false, true},
		"400 days, unread":  {400 * day, false, false},
		"400 days, settled": {400 * day, true, false},
	} {
		if got := r.Keeps(c.age, c.settled); got != c.want {
			t.Errorf("%s: kept %t, want %t", name, got, c.want)
		}
	}
}
