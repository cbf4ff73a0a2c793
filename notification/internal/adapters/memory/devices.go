package memory

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/token"
)

var (
	_ ports.Devices = (*Devices)(nil)
	_ token.Ledger  = (*Devices)(nil)
)

// Devices keeps what can be reached by push.
type Devices struct {
	Outage

	now     func() time.Time
	mu      sync.Mutex
	devices []domain.Device
	ended   map[domain.SessionID]bool
}

// NewDevices makes an empty one whose time is now's.
func NewDevices(now func() time.Time) *Devices {
	return &Devices{now: now, ended: map[domain.SessionID]bool{}}
}

// Register implements ports.Devices.
func (d *Devices) Register(_ context.Context, device domain.Device) (domain.Device, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.check(); err != nil {
		return domain.Device{}, err
	}
	if d.ended[device.Session] {
		return domain.Device{}, domain.ErrSessionEnded
	}
	d.remove(func(other domain.Device) bool {
		same := other.User == device.User && other.Installation == device.Installation
		if same {
			device.ID, device.CreatedAt = other.ID, other.CreatedAt
		}
		return same || other.Provider == device.Provider && other.Address() == device.Address()
	})
	for own := d.of(device.User); len(own) >= domain.MaxDevices; own = own[:len(own)-1] {
		oldest := own[len(own)-1].ID
		d.remove(func(other domain.Device) bool { return other.ID == oldest })
	}
	d.devices = append(d.devices, device)
	return device, nil
}

// OfUser implements ports.Devices.
func (d *Devices) OfUser(_ context.Context, user domain.UserID) ([]domain.Device, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.of(user), d.check()
}

// of gives the device that was last refreshed first.
func (d *Devices) of(user domain.UserID) (own []domain.Device) {
	for _, device := range d.devices {
		if device.User == user {
			own = append(own, device)
		}
	}
	slices.SortFunc(own, func(a, b domain.Device) int {
		return cmp.Or(b.RefreshedAt.Compare(a.RefreshedAt), cmp.Compare(b.ID, a.ID))
	})
	return own
}

// OfUsers implements ports.Devices.
func (d *Devices) OfUsers(_ context.Context, users []domain.UserID) (map[domain.UserID][]domain.Device, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	devices := map[domain.UserID][]domain.Device{}
	for _, user := range users {
		if own := d.of(user); len(own) > 0 {
			devices[user] = own
		}
	}
	return devices, d.check()
}

// Remove implements ports.Devices.
func (d *Devices) Remove(_ context.Context, user domain.UserID, id domain.DeviceID) error {
	removed, err := d.removeAll(func(device domain.Device) bool { return device.User == user && device.ID == id })
	if err == nil && removed == 0 {
		return domain.ErrDeviceNotFound
	}
	return err
}

// EndSessions implements ports.Devices.
func (d *Devices) EndSessions(_ context.Context, sessions []domain.SessionID) (int, error) {
	d.mu.Lock()
	for _, session := range sessions {
		d.ended[session] = true
	}
	d.mu.Unlock()
	return d.removeAll(func(device domain.Device) bool { return slices.Contains(sessions, device.Session) })
}

// Forget implements ports.Devices.
func (d *Devices) Forget(_ context.Context, idle time.Duration) (int, error) {
	return d.removeAll(func(device domain.Device) bool { return d.now().Sub(device.RefreshedAt) > idle })
}

// Prune implements ports.Devices.
func (d *Devices) Prune(_ context.Context, id domain.DeviceID, provider domain.Provider, address string) error {
	_, err := d.removeAll(func(device domain.Device) bool {
		return device.ID == id && device.Provider == provider && device.Address() == address
	})
	return err
}

func (d *Devices) removeAll(condemned func(domain.Device) bool) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.check(); err != nil {
		return 0, err
	}
	return d.remove(condemned), nil
}

func (d *Devices) remove(condemned func(domain.Device) bool) int {
	before := len(d.devices)
	d.devices = slices.DeleteFunc(d.devices, condemned)
	return before - len(d.devices)
}

// Load implements token.Ledger: what is in memory is over with the process.
func (d *Devices) Load(context.Context, time.Duration) (int64, []token.Revocation, error) {
	return 0, nil, nil
}

// Keep implements token.Ledger.
func (d *Devices) Keep(ctx context.Context, _ int64, items []token.Revocation) error {
	var sessions []domain.SessionID
	for _, item := range items {
		if item.SessionID != "" {
			sessions = append(sessions, domain.SessionID(item.SessionID))
		}
	}
	_, err := d.EndSessions(ctx, sessions)
	return err
}

// any tells whether the user has a device.
func (d *Devices) any(user domain.UserID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.of(user)) > 0
}
