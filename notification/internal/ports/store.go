package ports

import (
	"context"

	"github.com/loveapp/backend/notification/internal/domain"
)

// Store is the truth about all inboxes. Its errors are 503 unavailable while it
// cannot be reached.
type Store interface {
	Intake
	Inbox
	Marks
	Backlog
	Acks
	Expiry
	Erasure
	Places
	Hops
	Deliveries
	Retention
	Schedule
}

// Intake puts notifications into inboxes.
type Intake interface {
	// Insert gives every entry the next seq of its user, in the order given, and
	// counts it as unread, all in one transaction. An entry whose (event, user)
	// was stored before, even if deleted since, is left out. It returns what is
	// new, ordered by user and seq. Any number of calls may overlap: the seqs of
	// a user have no gap, and become visible in their order. A store that has
	// forgotten some gives none of their seqs again: they leap (domain.Seq.Leaps).
	// What is new and has a FollowUp is planned (Hops) in the same transaction.
	Insert(ctx context.Context, entries []domain.Entry) ([]domain.Notification, error)
	// Announce is Insert for an administrator's request; all entries are of its
	// draft, each in words that its user reads. A key that came before (from the same administrator, within 24
	// hours) stores nothing: with the same fingerprint the first receipt is
	// given again, else it fails with domain.ErrKeyReused. A draft with a SendAt
	// goes into the Schedule instead of inboxes, and entries are only counted.
	Announce(ctx context.Context, a domain.Announcement, entries []domain.Entry) (domain.Receipt, []domain.Notification, error)
	// Announced gives the receipt that Announce would give a key again. found is
	// false where the key, with this fingerprint, has not come within 24 hours.
	Announced(ctx context.Context, by domain.UserID, key domain.IdempotencyKey) (r domain.Receipt, found bool, err error)
}

// Inbox reads what a user sees: neither deleted nor expired entries.
type Inbox interface {
	// List gives entries with seq < before, newest first; before 0 starts at the
	// newest. Unread counts all of the inbox at the same moment.
	List(ctx context.Context, user domain.UserID, filter domain.Filter, before domain.Seq, limit int) (domain.Page, error)
	// Unread counts the unread entries.
	Unread(ctx context.Context, user domain.UserID) (int, error)
}

// Marks changes entries of one inbox. An entry that is not the user's, was
// deleted or has expired is domain.ErrNotificationNotFound.
type Marks interface {
	// Mark makes the entry read, unread or deleted. changed is false when it was
	// so already. unread is the count after it.
	Mark(ctx context.Context, user domain.UserID, id domain.NotificationID, kind domain.ChangeKind) (changed bool, unread int, err error)
	// MarkAllRead makes every unread entry read and names them, oldest first.
	MarkAllRead(ctx context.Context, user domain.UserID) (ids []domain.NotificationID, unread int, err error)
}

// Backlog tells what a socket has missed.
type Backlog interface {
	// Newest gives the highest seq of each user who has an inbox.
	Newest(ctx context.Context, users []domain.UserID) ([]domain.Mark, error)
	// Since gives at most limit entries with after < seq <= upTo in order, not
	// the deleted and expired ones. Through is upTo when nothing is left, else
	// the seq of the last item. Purged is never behind what is left out of Items
	// because Retention removed it.
	Since(ctx context.Context, user domain.UserID, after, upTo domain.Seq, limit int) (domain.Backlog, error)
}

// Acks notes that a device has shown notifications. What is unknown, or shown
// already, is no error.
type Acks interface {
	AckIDs(ctx context.Context, acks []domain.Ack) error
	AckThrough(ctx context.Context, user domain.UserID, seq domain.Seq) error
}

// Expiry keeps the unread counters exact when entries expire.
type Expiry interface {
	// Expire deletes at most limit expired entries and tells how many.
	Expire(ctx context.Context, limit int) (int, error)
}

// Retention removes what inboxes keep no longer.
type Retention interface {
	// Purge goes on with a walk over all inboxes, and begins one where the last one
	// began a day ago. From each it removes the oldest entries, up to the first that
	// r keeps; their events may come again then. more is false when the walk is
	// over, none is due, or another instance is at it.
	Purge(ctx context.Context, r domain.Retention) (purged int, more bool, err error)
}
