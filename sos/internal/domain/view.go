package domain

// Field is a part of a ticket that not everybody who knows of the ticket may see.
type Field uint8

// The fields.
const (
	ViewTicket   Field = iota // that it exists, how it stands, what happened
	ViewLocation              // where: the last fix, the address, the trail
	ViewShares                // the links that let others follow
	ViewGuest                 // what a guest typed, and how far they are trusted
)

// CanView is the one rule of who sees what. Staff and the reporter see the
// place for ever; those who were called to help, and those who follow by a link,
// while help is needed: afterwards it is nobody's business where somebody lives.
func CanView(by Actor, t Ticket, f Field) bool {
	switch f {
	case ViewTicket:
		return by.Roles&(anybody|Follower) != 0
	case ViewLocation:
		return by.Roles&(Reporter|Dispatcher) != 0 || by.Roles&(Helper|Follower) != 0 && !t.Status.Closed()
	case ViewShares:
		return by.Roles&Reporter != 0
	case ViewGuest:
		return by.Roles&Dispatcher != 0
	default:
		return false
	}
}

// SeenBy is the ticket without what the actor may not see.
func (t Ticket) SeenBy(by Actor) Ticket {
	t.GuestAddress = ""
	if !CanView(by, t, ViewLocation) {
		t.Location, t.Address = nil, ""
	}
	if !CanView(by, t, ViewGuest) {
		t.GuestPhone, t.LowTrust = "", false
	}
	return t
}
