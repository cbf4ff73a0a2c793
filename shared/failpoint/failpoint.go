// Package failpoint lets a process die by kill -9 at a point that has a name,
// so that tests can show what such a death costs: nothing that was promised.
//
// Only a program built with `-tags failpoints` can: elsewhere Reach does
// nothing and costs nothing. It is armed by the environment, FAILPOINT=name:n,
// and dies when the point is reached for the n-th time.
package failpoint

// Name is a point. This list is all of them.
type Name string

// The points, in the order in which a call for help passes them.
const (
	// BeforeCommit: the transaction that a caller waits for has written
	// everything and is not committed. Nobody may ever hear of it.
	BeforeCommit Name = "commit.before"
	// AfterCommit: it is committed, and the caller has no answer yet.
	AfterCommit Name = "commit.after"
	// BeforeConfirm: the standby has not been asked yet whether it has it, too.
	BeforeConfirm Name = "confirm.before"
	// AfterConfirm: it has it, and the caller has no answer yet.
	AfterConfirm Name = "confirm.after"
	// BeforeSend: messages are leased and have not left.
	BeforeSend Name = "send.before"
	// AfterSend: the receiver has promised to deliver them, and they are not marked as done.
	AfterSend Name = "send.after"
	// BeforeTimer: what a timer leads to is written and not committed.
	BeforeTimer Name = "timer.before"
	// AfterTimer: it is committed, and nobody was woken.
	AfterTimer Name = "timer.after"
)

// Names are all points.
func Names() []Name {
	return []Name{BeforeCommit, AfterCommit, BeforeConfirm, AfterConfirm, BeforeSend, AfterSend, BeforeTimer, AfterTimer}
}

// Variable is the environment variable that arms a point: "commit.after:3".
const Variable = "FAILPOINT"
