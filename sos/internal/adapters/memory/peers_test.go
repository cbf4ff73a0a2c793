package memory_test

import (
	"errors"
	"testing"

	"github.com/loveapp/backend/sos/internal/adapters/memory"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
	"github.com/loveapp/backend/sos/internal/ports/portstest"
)

func TestTheNotifierKeepsItsContract(t *testing.T) {
	t.Parallel()
	portstest.RunNotifier(t, func(*testing.T) portstest.Receiver {
		n := &memory.Notifier{}
		return portstest.Receiver{
			Notifier: n,
			Fail: func(failing bool) {
				if n.Fail(nil); failing {
					n.Fail(errors.New("down"))
				}
			},
			Refuse: func(recipient domain.UserID) { n.Refuse(func(a domain.Alert) bool { return a.Recipient == recipient }) },
			Taken:  func() int { return len(n.Taken()) },
		}
	})
}

func TestTheDirectoryKeepsItsContract(t *testing.T) {
	t.Parallel()
	portstest.RunDirectory(t, func(*testing.T) ports.Directory {
		d := &memory.Directory{}
		d.Set("ann", "Ann Archer")
		d.Verify("ann", domain.Addresses{Email: "a@example.com"})
		d.Set("ben", "")
		return d
	})
}

func TestTheRosterKeepsItsContract(t *testing.T) {
	t.Parallel()
	portstest.RunRoster(t, func(*testing.T) ports.Roster {
		r := &memory.Roster{}
		r.Set("night", "desk")
		return r
	})
}

func TestThePostKeepsItsContract(t *testing.T) {
	t.Parallel()
	portstest.RunPost(t, func(*testing.T) portstest.Office {
		p := &memory.Post{}
		return portstest.Office{
			Post: p,
			Fail: func(failing bool) {
				if p.Fail(nil); failing {
					p.Fail(errors.New("down"))
				}
			},
			Refuse: func(address string) { p.Refuse(func(l domain.Letter) bool { return l.To.To == address }) },
			Close: func(channel domain.AddressChannel) {
				for _, c := range []domain.AddressChannel{domain.ByEmail, domain.BySMS} {
					p.Close(c, c == channel)
				}
			},
			Taken: func() int { return len(p.Taken()) },
		}
	})
}
