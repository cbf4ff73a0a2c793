package portstest

import (
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/idgen"
)

// Devices tests an adapter of ports.Devices.
func Devices(t *testing.T, open func(*testing.T) ports.Devices) {
	t.Helper()
	run(t, open, map[string]func(*testing.T, ports.Devices){
		"a device is kept as it was given":                      deviceKept,
		"an installation is one device, however often it comes": deviceUpserted,
		"a token that another user held moves":                  tokenMoves,
		"two installations with one token are one":              tokenOfTwoInstallations,
		"a device that changes its token takes it from another": tokenTaken,
		"the twenty-first device takes the place of the oldest": surplusDevices,
		"many devices that come at once are twenty":             devicesAtOnce,
		"one token that comes from many at once is in one":      tokenAtOnce,
		"a device is removed by its user only":                  deviceRemoved,
		"a session's devices go with it":                        devicesOfSession,
		"no device comes back after its session":                devicesAfterSession,
		"a device that is registered while its session ends":    devicesWhileSessionEnds,
		"a dead address goes, and a new one stays":              devicePruned,
		"a device of which nothing was heard is forgotten":      deviceForgotten,
		"devices of many users are read at once":                devicesOfUsers,
	})
}

// deviceTime is a moment in the resolution that every store keeps.
func deviceTime(after time.Duration) time.Time {
	return time.Now().UTC().Truncate(time.Millisecond).Add(after)
}

func newDevice(user domain.UserID, after time.Duration) domain.Device {
	return domain.Device{
		ID: domain.DeviceID(idgen.NewV7()), User: user, Session: domain.SessionID(idgen.NewV7()), Installation: idgen.NewV7(),
		Provider: domain.FCM, Token: idgen.NewV7(), AppVersion: "1.2", Locale: "es", CreatedAt: deviceTime(after), RefreshedAt: deviceTime(after),
	}
}

func registered(t *testing.T, devices ports.Devices, d domain.Device) domain.Device {
	t.Helper()
	stored, err := devices.Register(t.Context(), d)
	if err != nil {
		t.Fatalf("register: %v", err)
	}
	return stored
}

// persistently repeats what the store could not be reached for: on a busy machine
// connections are not always made in time.
func persistently(do func() error) error {
	for deadline := time.Now().Add(patience); ; {
		err := do()
		if err == nil || fault.From(err).Kind != fault.Unavailable || time.Now().After(deadline) {
			return err
		}
	}
}

func registerSomehow(t *testing.T, devices ports.Devices, d domain.Device) error {
	t.Helper()
	return persistently(func() error {
		_, err := devices.Register(t.Context(), d)
		return err
	})
}

func devicesOf(t *testing.T, devices ports.Devices, user domain.UserID) []domain.Device {
	t.Helper()
	own, err := devices.OfUser(t.Context(), user)
	if err != nil {
		t.Fatalf("devices of a user: %v", err)
	}
	return own
}

func wantDevices(t *testing.T, devices ports.Devices, user domain.UserID, want ...domain.Device) {
	t.Helper()
	if diff := cmp.Diff(want, devicesOf(t, devices, user)); diff != "" {
		t.Errorf("devices (-want +got):\n%s", diff)
	}
}

func deviceKept(t *testing.T, devices ports.Devices) {
	user := newUser()
	phone, apple, browser := newDevice(user, 0), newDevice(user, time.Minute), newDevice(user, 2*time.Minute)
	apple.Provider, apple.Environment, apple.AppID = domain.APNs, domain.Sandbox, "org.example"
	browser.Provider, browser.Token = domain.WebPush, ""
	browser.Subscription = domain.Subscription{Endpoint: "https://push.example.org/" + idgen.NewV7(), P256DH: "key", Auth: "secret"}
	for _, d := range []domain.Device{phone, browser, apple} {
		if got := registered(t, devices, d); got != d {
			t.Errorf("registered %+v, want %+v", got, d)
		}
	}
	wantDevices(t, devices, user, browser, apple, phone)
	wantDevices(t, devices, newUser())
}

func deviceUpserted(t *testing.T, devices ports.Devices) {
	first := registered(t, devices, newDevice(newUser(), 0))
	again := newDevice(first.User, time.Hour)
	again.Installation, again.Provider, again.Environment = first.Installation, domain.APNs, domain.Production
	want := again
	want.ID, want.CreatedAt = first.ID, first.CreatedAt
	if got := registered(t, devices, again); got != want {
		t.Errorf("changed to %+v, want %+v", got, want)
	}
	wantDevices(t, devices, first.User, want)
}

func tokenMoves(t *testing.T, devices ports.Devices) {
	ana := registered(t, devices, newDevice(newUser(), 0))
	ben := newDevice(newUser(), 0)
	ben.Token, ben.Installation = ana.Token, ana.Installation
	ben = registered(t, devices, ben)
	wantDevices(t, devices, ana.User)
	wantDevices(t, devices, ben.User, ben)
}

func tokenOfTwoInstallations(t *testing.T, devices ports.Devices) {
	first := registered(t, devices, newDevice(newUser(), 0))
	second := newDevice(first.User, time.Hour)
	second.Token = first.Token
	second = registered(t, devices, second)
	wantDevices(t, devices, first.User, second)
	other := newDevice(first.User, 0)
	other.Token, other.Provider = first.Token, domain.APNs // the same text is another token at another provider
	other = registered(t, devices, other)
	wantDevices(t, devices, first.User, second, other)
}

func tokenTaken(t *testing.T, devices ports.Devices) {
	ana, ben := registered(t, devices, newDevice(newUser(), 0)), registered(t, devices, newDevice(newUser(), 0))
	ben.Token = ana.Token
	ben = registered(t, devices, ben)
	wantDevices(t, devices, ana.User)
	wantDevices(t, devices, ben.User, ben)
}

func surplusDevices(t *testing.T, devices ports.Devices) {
	user := newUser()
	var want []domain.Device
	for i := range domain.MaxDevices {
		want = append([]domain.Device{registered(t, devices, newDevice(user, time.Duration(i)*time.Minute))}, want...)
	}
	oldest := want[len(want)-1]
	oldest.RefreshedAt = deviceTime(time.Hour)
	want = append([]domain.Device{registered(t, devices, oldest)}, want[:len(want)-1]...)
	wantDevices(t, devices, user, want...)
	newest := registered(t, devices, newDevice(user, 2*time.Hour))
	wantDevices(t, devices, user, append([]domain.Device{newest}, want[:len(want)-1]...)...)
	late := registered(t, devices, newDevice(user, -time.Hour))
	wantDevices(t, devices, user, append(append([]domain.Device{newest}, want[:len(want)-2]...), late)...)
}

func devicesAtOnce(t *testing.T, devices ports.Devices) {
	user := newUser()
	var group sync.WaitGroup
	for i := range 2 * domain.MaxDevices {
		group.Go(func() {
			if err := registerSomehow(t, devices, newDevice(user, time.Duration(i)*time.Second)); err != nil {
				t.Errorf("register: %v", err)
			}
		})
	}
	group.Wait()
	if got := len(devicesOf(t, devices, user)); got != domain.MaxDevices {
		t.Errorf("%d devices, want %d", got, domain.MaxDevices)
	}
}

func tokenAtOnce(t *testing.T, devices ports.Devices) {
	token := idgen.NewV7()
	users := make([]domain.UserID, 10)
	var group sync.WaitGroup
	for i := range users {
		users[i] = newUser()
		group.Go(func() {
			d := newDevice(users[i], 0)
			d.Token = token
			if err := registerSomehow(t, devices, d); err != nil {
				t.Errorf("register: %v", err)
			}
		})
	}
	group.Wait()
	all, err := devices.OfUsers(t.Context(), users)
	if err != nil || len(all) != 1 {
		t.Errorf("%d users have the token, %v", len(all), err)
	}
}

func deviceRemoved(t *testing.T, devices ports.Devices) {
	d := registered(t, devices, newDevice(newUser(), 0))
	for name, try := range map[string]struct {
		user domain.UserID
		id   domain.DeviceID
	}{
		"somebody else's": {newUser(), d.ID},
		"an unknown one":  {d.User, domain.DeviceID(idgen.NewV7())},
	} {
		if err := devices.Remove(t.Context(), try.user, try.id); !errors.Is(err, domain.ErrDeviceNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := devices.Remove(t.Context(), d.User, d.ID); err != nil {
		t.Errorf("one's own: %v", err)
	}
	wantDevices(t, devices, d.User)
}

func devicesOfSession(t *testing.T, devices ports.Devices) {
	user := newUser()
	gone, stays, second := newDevice(user, 0), newDevice(user, 0), newDevice(newUser(), 0)
	second.Session = gone.Session
	for _, d := range []*domain.Device{&gone, &stays, &second} {
		*d = registered(t, devices, *d)
	}
	removed, err := devices.EndSessions(t.Context(), []domain.SessionID{gone.Session, domain.SessionID(idgen.NewV7())})
	if err != nil || removed != 2 {
		t.Errorf("removed %d, %v, want 2", removed, err)
	}
	wantDevices(t, devices, user, stays)
	wantDevices(t, devices, second.User)
	if removed, err := devices.EndSessions(t.Context(), nil); err != nil || removed != 0 {
		t.Errorf("no session: removed %d, %v", removed, err)
	}
}

func devicesAfterSession(t *testing.T, devices ports.Devices) {
	d := newDevice(newUser(), 0)
	for range 2 { // a session may be ended again
		if _, err := devices.EndSessions(t.Context(), []domain.SessionID{d.Session}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := devices.Register(t.Context(), d); !errors.Is(err, domain.ErrSessionEnded) {
		t.Errorf("registered after its session: %v", err)
	}
	wantDevices(t, devices, d.User)
}

func devicesWhileSessionEnds(t *testing.T, devices ports.Devices) {
	for range 20 {
		d := newDevice(newUser(), 0)
		var group sync.WaitGroup
		group.Go(func() {
			if err := registerSomehow(t, devices, d); err != nil && !errors.Is(err, domain.ErrSessionEnded) {
				t.Errorf("register: %v", err)
			}
		})
		group.Go(func() {
			err := persistently(func() error {
				_, err := devices.EndSessions(t.Context(), []domain.SessionID{d.Session})
				return err
			})
			if err != nil {
				t.Errorf("end: %v", err)
			}
		})
		group.Wait()
		wantDevices(t, devices, d.User)
	}
}

func devicePruned(t *testing.T, devices ports.Devices) {
	d := registered(t, devices, newDevice(newUser(), 0))
	old := d.Token
	d.Token = idgen.NewV7()
	d = registered(t, devices, d)
	for name, try := range map[string]struct {
		id       domain.DeviceID
		provider domain.Provider
		address  string
	}{
		"an address that it had":  {d.ID, d.Provider, old},
		"another provider's":      {d.ID, domain.APNs, d.Token},
		"another device":          {domain.DeviceID(idgen.NewV7()), d.Provider, d.Token},
		"an address of nobody":    {d.ID, d.Provider, ""},
		"an address without form": {d.ID, d.Provider, "\xff"},
	} {
		if err := devices.Prune(t.Context(), try.id, try.provider, try.address); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	wantDevices(t, devices, d.User, d)
	if err := devices.Prune(t.Context(), d.ID, d.Provider, d.Address()); err != nil {
		t.Errorf("its own: %v", err)
	}
	wantDevices(t, devices, d.User)
}

func deviceForgotten(t *testing.T, devices ports.Devices) {
	user := newUser()
	old, recent := registered(t, devices, newDevice(user, -48*time.Hour)), registered(t, devices, newDevice(user, 0))
	if forgotten, err := devices.Forget(t.Context(), 24*time.Hour); err != nil || forgotten != 1 {
		t.Errorf("forgotten %d, %v", forgotten, err)
	}
	wantDevices(t, devices, user, recent)
	old.RefreshedAt = deviceTime(0)
	registered(t, devices, old)
	if forgotten, err := devices.Forget(t.Context(), 24*time.Hour); err != nil || forgotten != 0 {
		t.Errorf("after it came again, forgotten %d, %v", forgotten, err)
	}
}

func devicesOfUsers(t *testing.T, devices ports.Devices) {
	var users []domain.UserID
	want := map[domain.UserID][]domain.Device{}
	for i := range 5 {
		user := newUser()
		users = append(users, user)
		for n := range i {
			d := newDevice(user, -time.Duration(n)*time.Minute)
			d.AppVersion = strconv.Itoa(n)
			want[user] = append(want[user], registered(t, devices, d))
		}
	}
	registered(t, devices, newDevice(newUser(), 0))
	got, err := devices.OfUsers(t.Context(), users)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
