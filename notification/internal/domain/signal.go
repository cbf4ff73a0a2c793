package domain

// ChangeKind says what has happened to entries of an inbox.
type ChangeKind string

// The kinds of change, named as the user's other devices hear of them.
const (
	Read    ChangeKind = "read"
	Unread  ChangeKind = "unread"
	Deleted ChangeKind = "deleted"
)

// Change tells a user's devices what one of them did to the inbox.
type Change struct {
	User   UserID
	Kind   ChangeKind
	IDs    []NotificationID
	Unread int // how many are unread now
}

// Signal is what one instance tells another. It only makes things live: the
// store holds the truth, and a lost signal is found by comparing seqs.
type Signal struct {
	Notifications []Notification // just committed, for users that the receiver holds
	Changes       []Change
	Evicted       []SocketID // sockets of the receiver that are surplus
	Events        []Event    // in rooms that somebody at the receiver's is in
	Closed        []Closing
	Erased        []UserID // their accounts are gone
}

// Alert is what every instance is told on the second way, which is there when
// the first one is not.
type Alert struct {
	Marks  []Mark
	Events []Event
	Closed []Closing
}

// Empty tells whether there is nothing to say.
func (a Alert) Empty() bool { return len(a.Marks)+len(a.Events)+len(a.Closed) == 0 }

// With is both alerts in one.
func (a Alert) With(other Alert) Alert {
	return Alert{append(a.Marks, other.Marks...), append(a.Events, other.Events...), append(a.Closed, other.Closed...)}
}

// Mark says how far a user's inbox goes.
type Mark struct {
	User   UserID
	Newest Seq
}
