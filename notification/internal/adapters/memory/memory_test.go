package memory_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/adapters/memory"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/notification/internal/ports/portstest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	portstest.Store(t, func(*testing.T) portstest.Stored {
		var ahead atomic.Int64
		store := memory.NewStore(func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) })
		return portstest.Stored{
			Store: store,
			Acked: func(_ *testing.T, user domain.UserID, seq domain.Seq) bool { return store.Acked(user, seq) },
			Age:   func(_ *testing.T, by time.Duration) { ahead.Add(int64(by)) },
		}
	})
}

func TestRegistry(t *testing.T) {
	t.Parallel()
	portstest.Registry(t, func(*testing.T) ports.Registry { return memory.NewRegistry(time.Now) })
}

func TestBus(t *testing.T) {
	t.Parallel()
	portstest.Bus(t, func(*testing.T) ports.Bus { return memory.NewBus() })
}

func TestAlerts(t *testing.T) {
	t.Parallel()
	portstest.Alerts(t, func(*testing.T) ports.Alerts { return memory.NewAlerts() })
}

func TestTickets(t *testing.T) {
	t.Parallel()
	portstest.Tickets(t, func(*testing.T) ports.Tickets { return memory.NewTickets(time.Now) })
}

func TestSocket(t *testing.T) {
	t.Parallel()
	portstest.Socket(t, func(*testing.T) portstest.Client {
		socket := memory.NewSocket(100)
		return portstest.Client{
			Socket: socket, Stall: socket.Stall, Flow: socket.Flow,
			Seqs: func() (seqs []domain.Seq) {
				messages, _ := socket.Got()
				for _, m := range messages {
					if n, ok := m.(domain.Notified); ok {
						seqs = append(seqs, n.Seq)
					}
				}
				return seqs
			},
			Closed: func() domain.CloseReason {
				_, reason := socket.Got()
				return reason
			},
			Fill: func() { // its line takes nothing as soon as it is stalled
				socket.Send(&ports.Outgoing{Message: domain.Resumed{}, Urgent: true})
			},
		}
	})
}

func TestASocketThatCannotKeepUpClosesItself(t *testing.T) {
	t.Parallel()
	socket := memory.NewSocket(2)
	socket.Stall()
	for range 3 {
		socket.Send(&ports.Outgoing{Message: domain.Resumed{}})
	}
	socket.Flow()
	if messages, reason := socket.Got(); reason != domain.TooSlow || len(messages) != 0 {
		t.Errorf("closed for %d after %d messages, want TooSlow and none", reason, len(messages))
	}
}

func TestOwner(t *testing.T) {
	t.Parallel()
	portstest.Owner(t, func(*testing.T) portstest.Doorkeeper {
		owner := memory.NewOwner()
		return portstest.Doorkeeper{
			Owner: owner,
			Let:   func(room domain.Room, user domain.UserID) { owner.Let(room, user, true) },
			Away: func(away bool) {
				if away {
					owner.Begin()
				} else {
					owner.End()
				}
			},
		}
	})
}

func TestPreferences(t *testing.T) {
	t.Parallel()
	portstest.Preferences(t, func(*testing.T) ports.Preferences { return memory.NewPreferences() })
}

func TestFollowUp(t *testing.T) {
	t.Parallel()
	portstest.FollowUp(t, func(*testing.T) portstest.Queues {
		var ahead atomic.Int64
		store := memory.NewStore(func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) })
		store.Devices, store.Preferences = memory.NewDevices(time.Now), memory.NewPreferences()
		return portstest.Queues{
			Store: store, Devices: store.Devices, Preferences: store.Preferences,
			Pass: func(_ *testing.T, by time.Duration) { ahead.Add(int64(by)) },
		}
	})
}

func TestPeople(t *testing.T) {
	t.Parallel()
	portstest.People(t, func(*testing.T) portstest.Known {
		people := memory.NewPeople()
		people.Introduce("ana", domain.Person{Email: "ana@example.com", Phone: "+4915112345678", Locale: "fr"})
		people.Introduce("ben", domain.Person{})
		return portstest.Known{People: people, Ana: "ana", Ben: "ben", Away: func(away bool) {
			if away {
				people.Begin()
			} else {
				people.End()
			}
		}}
	})
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	portstest.Templates(t, func(*testing.T) ports.Templates { return memory.NewTemplates(time.Now) })
}

func TestDevices(t *testing.T) {
	t.Parallel()
	portstest.Devices(t, func(*testing.T) ports.Devices { return memory.NewDevices(time.Now) })
}
