package domain

// Filter narrows a list of notifications; its zero value takes all.
type Filter struct {
	UnreadOnly bool
	Category   Category // "" takes any
}

// Page is a part of an inbox, newest first.
type Page struct {
	Items []Notification
	// Next is the seq to go on before; 0 at the end.
	Next Seq
	// Unread counts the whole inbox, whatever the filter.
	Unread int
}

// Backlog is a part of what a socket has missed, oldest first.
type Backlog struct {
	Items []Notification
	// Through is the seq up to which nothing else is to come: what is not
	// among Items has been deleted or has expired.
	Through Seq
	// Purged is up to where everything was removed because of its age; 0 for nothing.
	Purged Seq
}
