package domain

import "time"

// Message is what a socket tells its client about the inbox. The transport
// gives it its form.
type Message interface{ message() }

// Connected opens every authenticated connection.
type Connected struct {
	Socket    SocketID
	User      UserID
	Newest    Seq // what comes later comes live
	ExpiresAt time.Time
	// Resumes: what the client has missed up to Newest follows.
	Resumes bool
}

// Notified brings one notification.
type Notified struct{ Notification }

// Resumed ends what the client has asked for by its seq.
type Resumed struct{ Seq Seq }

// Reset tells a client whose seq is beyond the newest to start from there.
type Reset struct{ Seq Seq }

// Changed tells what another device did.
type Changed struct{ Change }

// Joined says that from here on the socket hears what happens in the room.
type Joined struct{ Room Room }

// Left says that it does not any more; Closed when it was put out.
type Left struct {
	Room   Room
	Closed bool
}

// Happened brings an event of a room.
type Happened struct{ Event }

func (Connected) message() {}
func (Notified) message()  {}
func (Resumed) message()   {}
func (Reset) message()     {}
func (Changed) message()   {}
func (Joined) message()    {}
func (Left) message()      {}
func (Happened) message()  {}

// CloseReason says why the service ends a connection.
type CloseReason uint8

// The reasons. What the client should do follows from each.
const (
	TokenExpired  CloseReason = iota + 1 // refresh the token, connect again
	SessionEnded                         // signed out: sign in
	OtherIdentity                        // the token offered is of another user or session
	Replaced                             // one connection too many, and this was the oldest
	TooSlow                              // connect again and resume
	TryAgainLater                        // the store cannot be reached
	Restarting                           // connect again as advised
)
