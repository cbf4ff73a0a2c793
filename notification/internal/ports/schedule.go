package ports

import (
	"context"

	"github.com/loveapp/backend/notification/internal/domain"
)

// Schedule holds announcements until their time has come, by the store's clock.
type Schedule interface {
	// Release takes the announcement that has been due longest, and inserts the
	// entries which entriesOf makes of its draft, as Insert does, in one transaction:
	// each goes out once, however many ask. One that has expired by then is dropped
	// and inserts nothing. released is nil when none is due. entriesOf may run more
	// than once.
	Release(ctx context.Context, entriesOf func(*domain.Draft) []domain.Entry) (released *domain.Announcement, fresh []domain.Notification, err error)
	// Cancel keeps an announcement from going out; a second time changes nothing.
	// It fails with domain.ErrAlreadySent where it has gone out, or never was to
	// wait, and with domain.ErrAnnouncementNotFound.
	Cancel(ctx context.Context, id string) error
}
