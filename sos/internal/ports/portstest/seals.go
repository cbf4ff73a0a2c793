package portstest

import (
	"testing"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

func sealTests() map[string]func(*testing.T, bench) {
	return map[string]func(*testing.T, bench){
		"what has happened is sealed, and then what has happened since": sealedInSteps,
		"tickets are sealed in batches":                                 sealedInBatches,
		"nothing young is forgotten":                                    nothingForgotten,
	}
}

func (b bench) seal(limit int) int {
	b.t.Helper()
	n, err := b.Seal(b.t.Context(), limit)
	if err != nil {
		b.t.Fatalf("seal: %v", err)
	}
	return n
}

// verify gives the last line that is sealed.
func (b bench) verify(id domain.TicketID) int {
	b.t.Helper()
	lines, seals, err := b.Chain(b.t.Context(), id)
	if err != nil {
		b.t.Fatalf("chain: %v", err)
	}
	if err := domain.Verify(id, lines, seals); err != nil {
		b.t.Error(err)
	}
	if len(seals) == 0 {
		return 0
	}
	return seals[len(seals)-1].Seq
}

func sealedInSteps(t *testing.T, b bench) {
	c, _ := b.press(address("ann"), domain.Press{Type: domain.Fire})
	if n := b.verify(c.Ticket.ID); n != 0 {
		t.Errorf("%d lines are sealed before anybody has", n)
	}
	if n := b.seal(10); n != 1 || b.verify(c.Ticket.ID) != 2 {
		t.Errorf("%d tickets, %d lines", n, b.verify(c.Ticket.ID))
	}
	if n := b.seal(10); n != 0 {
		t.Errorf("%d tickets were sealed though nothing had happened", n)
	}
	b.update(c.Ticket.ID, comment)
	b.update(c.Ticket.ID, cancel)
	if n := b.seal(10); n != 1 || b.verify(c.Ticket.ID) != 4 {
		t.Errorf("%d tickets, %d lines", n, b.verify(c.Ticket.ID))
	}
}

func sealedInBatches(t *testing.T, b bench) {
	for _, who := range []string{"ann", "ben", "eve"} {
		b.press(address(who), domain.Press{})
	}
	if first, second := b.seal(2), b.seal(2); first != 2 || second != 1 {
		t.Errorf("%d, then %d", first, second)
	}
	var all []domain.TicketID
	for after := domain.TicketID(""); ; after = all[len(all)-1] {
		page, err := b.Sealed(t.Context(), after, 2)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page...)
		if len(page) < 2 {
			break
		}
	}
	if len(all) != 3 || all[0] >= all[1] || all[1] >= all[2] {
		t.Errorf("sealed: %v", all)
	}
}

var keep = ports.Limits{Place: 30 * 24 * time.Hour, Phone: 90 * 24 * time.Hour}

func digest(phone string) []byte { return []byte("digest of " + phone) }

func nothingForgotten(t *testing.T, b bench) {
	c := b.wayHome()
	b.update(c.Ticket.ID, cancel)
	if done, err := b.Forget(t.Context(), keep, 10, digest); done != (ports.Forgotten{}) || err != nil {
		t.Errorf("%+v (%v)", done, err)
	}
	if got, err := b.Ticket(t.Context(), c.Ticket.ID); err != nil || got.Ticket.Location.Latitude != at(3).Latitude {
		t.Errorf("at %+v (%v)", got.Ticket.Location, err)
	}
}

// wayHome is a ticket with a place, an address and three fixes, two of them in one cell.
func (b bench) wayHome() domain.Case {
	b.contact("ann", "mum")
	start := at(1)
	c, _ := b.press(address("ann"), domain.Press{Location: &start, Address: "1 Main Street"})
	close := at(2)
	close.Latitude, close.Longitude = at(3).Latitude+0.001, at(3).Longitude-0.001
	b.track(c.Ticket.ID, close, at(3))
	return c
}

// RunMemories holds an adapter to the contract of forgetting. age makes a
// ticket look as if it had been closed so much earlier.
func RunMemories(t *testing.T, open func(t *testing.T) (s Store, age func(id domain.TicketID, by time.Duration))) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, bench, func(domain.TicketID, time.Duration)){
		"of an old way the neighbourhood is left": forgottenPlaces,
		"of a guest's number a digest is left":    forgottenPhone,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, age := open(t)
			test(t, bench{t, s}, age)
		})
	}
}

func forgottenPlaces(t *testing.T, b bench, age func(domain.TicketID, time.Duration)) {
	c := b.wayHome()
	b.update(c.Ticket.ID, cancel)
	young, _ := b.press(address("ben"), domain.Press{Location: &domain.Location{Latitude: 1.23456}})
	age(c.Ticket.ID, keep.Place+time.Hour)
	done, err := b.Forget(t.Context(), keep, 10, digest)
	if done != (ports.Forgotten{Places: 1}) || err != nil {
		t.Fatalf("%+v (%v)", done, err)
	}
	got, err := b.Ticket(t.Context(), c.Ticket.ID)
	if want := at(3); err != nil || got.Ticket.Address != "" || *got.Ticket.Location != (domain.Location{Latitude: want.Latitude, Longitude: want.Longitude}) {
		t.Errorf("%q at %+v (%v)", got.Ticket.Address, got.Ticket.Location, err)
	}
	fixes, total, err := b.Trail(t.Context(), c.Ticket.ID, 10)
	if err != nil || total != 2 || fixes[1].Latitude != at(3).Latitude || fixes[1].CapturedAt != nil {
		t.Errorf("%d fixes: %+v (%v)", total, fixes, err)
	}
	claim, err := b.Claim(t.Context(), 10, time.Minute)
	if err != nil || len(claim.Deliveries) == 0 {
		t.Fatalf("%d letters (%v)", len(claim.Deliveries), err)
	}
	for _, d := range claim.Deliveries {
		if d.Alert.TicketID == c.Ticket.ID && d.Alert.Location != nil {
			t.Errorf("an alert still knows %+v", d.Alert.Location)
		}
	}
	if other, err := b.Ticket(t.Context(), young.Ticket.ID); err != nil || other.Ticket.Location.Latitude != 1.23456 {
		t.Errorf("the young one is at %+v (%v)", other.Ticket.Location, err)
	}
	if again, err := b.Forget(t.Context(), keep, 10, digest); again != (ports.Forgotten{}) || err != nil {
		t.Errorf("again: %+v (%v)", again, err)
	}
}

func forgottenPhone(t *testing.T, b bench, age func(domain.TicketID, time.Duration)) {
	c, _ := b.press(address("guest"), domain.Press{Guest: &domain.Guest{Name: "Gus", Phone: "0151 123"}})
	b.update(c.Ticket.ID, cancel)
	age(c.Ticket.ID, keep.Place+time.Hour)
	if done, err := b.Forget(t.Context(), keep, 10, digest); done.Phones != 0 || err != nil {
		t.Errorf("too soon: %+v (%v)", done, err)
	}
	age(c.Ticket.ID, keep.Phone)
	if done, err := b.Forget(t.Context(), keep, 10, digest); done.Phones != 1 || err != nil {
		t.Errorf("%+v (%v)", done, err)
	}
	if got, err := b.Ticket(t.Context(), c.Ticket.ID); err != nil || got.Ticket.GuestPhone != "" {
		t.Errorf("the number is %q (%v)", got.Ticket.GuestPhone, err)
	}
}
