package domain

import "time"

// Revocation says from when on tokens count no more: all of a session, or those
// of a user that were issued before a moment. Revisions are contiguous, in the
// order of commits: whoever has seen n has seen everything up to n.
type Revocation struct {
	Revision int64
	Session  SessionID // "" where it is about a user
	User     UserID
	Before   time.Time // zero where it is about a session
	At       time.Time // by the database's clock
}

// RevocationPage is a piece of the feed. Revision is the newest that the reader
// knows after it; More says that there are others beyond.
type RevocationPage struct {
	Revision int64
	Items    []Revocation
	More     bool
}

// Ending chooses the sessions of a user to end.
type Ending struct {
	User UserID
	// Only, where set, is the one session to end; Except the one to keep.
	Only, Except SessionID
	Reason       EndReason
	At           time.Time
}

// EndReason says why sessions ended.
type EndReason string

// The reasons.
const (
	EndedByUser  EndReason = "signed_out"
	EndedByTheft EndReason = "refresh_reuse"
	EndedByBan   EndReason = "banned"
	EndedByStaff EndReason = "revoked_by_staff"

	EndedByNewPassword EndReason = "password_changed"
	EndedByNewEmail    EndReason = "email_changed"
	EndedByDeletion    EndReason = "account_deleted"
)
