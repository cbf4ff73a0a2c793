package notificationtest

import (
	"time"

	"github.com/loveapp/backend/notification/internal/adapters/memory"
	"github.com/loveapp/backend/notification/internal/domain"
)

// Backplane is what instances share: the store, the registry and the ways
// between them. Give the same one to two instances to make them a cluster.
type Backplane struct {
	store       *memory.Store
	registry    *memory.Registry
	bus         *memory.Bus
	alerts      *memory.Alerts
	tickets     *memory.Tickets
	owner       *memory.Owner
	preferences *memory.Preferences
	templates   *memory.Templates
	devices     *memory.Devices
	people      *memory.People
}

// NewBackplane makes an empty one; now may be nil.
func NewBackplane(now func() time.Time) *Backplane {
	if now == nil {
		now = time.Now
	}
	b := &Backplane{
		store: memory.NewStore(now), registry: memory.NewRegistry(now), bus: memory.NewBus(), alerts: memory.NewAlerts(),
		tickets: memory.NewTickets(now), owner: memory.NewOwner(), preferences: memory.NewPreferences(), templates: memory.NewTemplates(now), devices: memory.NewDevices(now), people: memory.NewPeople(),
	}
	b.store.Devices, b.store.Preferences = b.devices, b.preferences
	return b
}

// Let says whether the user may listen to the room, where the service asks no sos.
func (b *Backplane) Let(room, userID string, in bool) {
	b.owner.Let(domain.Room(room), domain.UserID(userID), in)
}

// Speaks says what language the user's account has.
func (b *Backplane) Speaks(userID, locale string) {
	b.people.Introduce(domain.UserID(userID), domain.Person{Locale: locale})
}

// LoseAuth takes away what auth is asked for, until the returned function is called.
func (b *Backplane) LoseAuth() (restore func()) {
	b.people.Begin()
	return b.people.End
}
