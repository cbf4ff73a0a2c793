package domain

// Seats are how many sockets and streams one client may hold on a gateway; 0 is
// no limit. They only keep one from taking all: notification counts users and
// addresses on all instances together, and tells its own clients (4409, 4429).
type Seats struct{ User, Address int }

// Seat is a client that a socket counts for, and how many it may hold.
type Seat struct {
	Holder Client
	Most   int
}

// Of are the seats that a socket of the caller takes: one of its address, and
// one of its user where a token said who that is. An address that many people
// share has many times the seats.
func (s Seats) Of(c Caller, sharedAddress bool) []Seat {
	var all []Seat
	if s.User > 0 && c.Known != "" {
		all = append(all, Seat{c.Known, s.User})
	}
	if s.Address > 0 && c.Address.IsValid() {
		most := s.Address
		if sharedAddress {
			most *= sharedFactor
		}
		all = append(all, Seat{Address(c.Address), most})
	}
	return all
}
