package portstest

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

func outboxTests() map[string]func(*testing.T, bench) {
	return map[string]func(*testing.T, bench){
		"an alarm is queued once for each helper":                 alarmQueued,
		"a claimed alert is nobody else's until the lease ends":   leased,
		"alerts of a ticket reach each recipient in order":        inOrder,
		"an alert that waits holds up no other recipient":         noHoldUp,
		"a parked alert lets the next one through":                parked,
		"a delivery counts after the lease, a failure does not":   lateSettlement,
		"a retry is due after its pause":                          retryPause,
		"hurried alerts are due at once":                          hurried,
		"claims at once are apart":                                claimsApart,
		"a claim takes no more than it was asked for":             claimLimit,
		"an alert is delivered as it was queued":                  alertIntact,
		"an alert keeps the trace of what it goes back to":        traceKept,
		"settling nothing, or what does not exist, is no mistake": settleNothing,
	}
}

const lease = time.Minute

func (b bench) claim(limit int) ports.Claim { return b.claimFor(limit, lease) }

func (b bench) claimFor(limit int, d time.Duration) ports.Claim {
	b.t.Helper()
	claim, err := b.Claim(b.t.Context(), limit, d)
	if err != nil {
		b.t.Fatalf("claim: %v", err)
	}
	return claim
}

func (b bench) settle(claim ports.Claim, fate ports.Fate, after time.Duration) {
	b.t.Helper()
	var results []ports.Settlement
	for _, d := range claim.Deliveries {
		results = append(results, ports.Settlement{ID: d.ID, Fate: fate, After: after})
	}
	if err := b.Settle(b.t.Context(), claim.Lease, results); err != nil {
		b.t.Fatalf("settle: %v", err)
	}
}

func recipients(claim ports.Claim) map[domain.UserID]int {
	to := map[domain.UserID]int{}
	for _, d := range claim.Deliveries {
		to[d.Alert.Recipient]++
	}
	return to
}

// alarm is an alarm out to the named.
func (b bench) alarm(to ...string) domain.Case {
	b.t.Helper()
	for _, user := range to {
		b.contact("ann", user)
	}
	c, _ := b.press(address("ann"), domain.Press{Type: domain.Medical})
	return c
}

func alarmQueued(t *testing.T, b bench) {
	b.alarm("mum", "ben")
	if diff := cmp.Diff(map[domain.UserID]int{"mum": 1, "ben": 1}, recipients(b.claim(10))); diff != "" {
		t.Error(diff)
	}
}

func leased(t *testing.T, b bench) {
	b.alarm("mum")
	first := b.claimFor(10, 50*time.Millisecond)
	if len(first.Deliveries) != 1 || first.Deliveries[0].Attempt != 1 {
		t.Fatalf("the first claim: %+v", first)
	}
	if again := b.claim(10); len(again.Deliveries) != 0 && time.Since(again.Deliveries[0].QueuedAt) < 50*time.Millisecond {
		t.Fatalf("claimed twice: %+v", again)
	}
	var second ports.Claim
	b.eventually("the lease ends", func() bool {
		second = b.claim(10)
		return len(second.Deliveries) == 1
	})
	if second.Deliveries[0].Attempt != 2 || second.Deliveries[0].ID != first.Deliveries[0].ID || second.Lease == first.Lease {
		t.Errorf("the second claim: %+v", second)
	}
}

func inOrder(t *testing.T, b bench) {
	c := b.alarm("mum")
	b.update(c.Ticket.ID, func(c *domain.Case, now time.Time) error { return c.Resolve(reporter(c), domain.Safe, "", now) })
	first := b.claim(10)
	if len(first.Deliveries) != 1 || first.Deliveries[0].Alert.Kind != domain.AlertTriggered {
		t.Fatalf("first: %+v", first.Deliveries)
	}
	b.settle(first, ports.Retry, time.Hour)
	if overtaking := b.claim(10); len(overtaking.Deliveries) != 0 {
		t.Fatalf("overtaken: %+v", overtaking.Deliveries)
	}
	b.settle(first, ports.Delivered, 0)
	if second := b.claim(10); len(second.Deliveries) != 1 || second.Deliveries[0].Alert.Kind != domain.AlertResolved {
		t.Errorf("second: %+v", second.Deliveries)
	}
}

func noHoldUp(t *testing.T, b bench) {
	c := b.alarm("mum", "ben")
	claim := b.claim(10)
	for _, d := range claim.Deliveries {
		fate := ports.Settlement{ID: d.ID, Fate: ports.Delivered}
		if d.Alert.Recipient == "mum" {
			fate = ports.Settlement{ID: d.ID, Fate: ports.Retry, After: time.Hour}
		}
		if err := b.Settle(t.Context(), claim.Lease, []ports.Settlement{fate}); err != nil {
			t.Fatal(err)
		}
	}
	b.update(c.Ticket.ID, cancel)
	if diff := cmp.Diff(map[domain.UserID]int{"ben": 1}, recipients(b.claim(10))); diff != "" {
		t.Error(diff)
	}
}

func parked(t *testing.T, b bench) {
	c := b.alarm("mum")
	b.update(c.Ticket.ID, cancel)
	b.settle(b.claim(10), ports.Parked, 0)
	next := b.claim(10)
	if len(next.Deliveries) != 1 || next.Deliveries[0].Alert.Kind != domain.AlertCancelled {
		t.Fatalf("after the parked one: %+v", next.Deliveries)
	}
	b.settle(next, ports.Delivered, 0)
	if err := b.Hurry(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	if more := b.claim(10); len(more.Deliveries) != 0 {
		t.Errorf("a parked or delivered alert came back: %+v", more.Deliveries)
	}
}

func lateSettlement(t *testing.T, b bench) {
	b.alarm("mum")
	first := b.claimFor(10, time.Millisecond)
	var second ports.Claim
	b.eventually("the lease ends", func() bool {
		second = b.claim(10)
		return len(second.Deliveries) == 1
	})
	b.settle(first, ports.Parked, 0)
	b.settle(first, ports.Retry, 0)
	if stolen := b.claim(10); len(stolen.Deliveries) != 0 {
		t.Fatalf("the late failure took the other's lease: %+v", stolen.Deliveries)
	}
	b.settle(first, ports.Delivered, 0)
	b.settle(second, ports.Retry, 0)
	if again := b.claim(10); len(again.Deliveries) != 0 {
		t.Errorf("delivered, and yet claimed again: %+v", again.Deliveries)
	}
}

func retryPause(t *testing.T, b bench) {
	b.alarm("mum")
	b.settle(b.claim(10), ports.Retry, time.Hour)
	if early := b.claim(10); len(early.Deliveries) != 0 {
		t.Fatalf("early: %+v", early.Deliveries)
	}
	if err := b.Hurry(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	b.settle(b.claim(10), ports.Retry, 20*time.Millisecond)
	b.eventually("the pause ends", func() bool { return len(b.claim(10).Deliveries) == 1 })
}

func hurried(t *testing.T, b bench) {
	b.alarm("mum", "ben", "eve")
	b.settle(b.claim(2), ports.Retry, time.Hour)
	b.claim(10) // leased: hurrying must not take it away
	if err := b.Hurry(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if one := b.claim(10); len(one.Deliveries) != 1 || one.Deliveries[0].Attempt != 2 {
		t.Fatalf("one was hurried, claimed: %+v", one.Deliveries)
	}
	if err := b.Hurry(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	if rest := b.claim(10); len(rest.Deliveries) != 1 {
		t.Errorf("the rest was hurried, claimed: %+v", rest.Deliveries)
	}
}

func claimsApart(t *testing.T, b bench) {
	for i := range 40 {
		owner := string(rune('A' + i))
		b.contact(owner, "mum")
		b.press(address(owner), domain.Press{})
	}
	var mu sync.Mutex
	var group sync.WaitGroup
	seen := map[int64]int{}
	for range 8 {
		group.Go(func() {
			for range 10 {
				claim, err := b.Claim(t.Context(), 3, lease)
				mu.Lock()
				if err != nil {
					t.Error(err)
				}
				for _, d := range claim.Deliveries {
					seen[d.ID]++
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	for id, n := range seen {
		if n != 1 {
			t.Errorf("alert %d was claimed %d times", id, n)
		}
	}
	if len(seen) != 40 {
		t.Errorf("%d of 40 alerts were claimed", len(seen))
	}
}

func claimLimit(t *testing.T, b bench) {
	b.alarm("mum", "ben", "eve")
	if n := len(b.claim(2).Deliveries); n != 2 {
		t.Errorf("claimed %d", n)
	}
}

func alertIntact(t *testing.T, b bench) {
	if err := b.Remember(t.Context(), "ann", "Ann"); err != nil {
		t.Fatal(err)
	}
	b.contact("ann", "mum")
	c, _ := b.press(address("ann"), domain.Press{Type: domain.Fire, Location: &domain.Location{Latitude: 1.5, Longitude: -2.25}})
	b.settle(b.claim(10), ports.Delivered, 0)
	helper := domain.Actor{User: "mum", Name: "Mum", Roles: domain.Helper}
	c = b.update(c.Ticket.ID, func(c *domain.Case, now time.Time) error { return c.Acknowledge(helper, "", now) })
	claim := b.claim(10)
	if len(claim.Deliveries) != 1 {
		t.Fatalf("claimed: %+v", claim.Deliveries)
	}
	want := domain.Alert{
		TicketID: c.Ticket.ID, Seq: 3, Recipient: "ann", Kind: domain.AlertAcknowledged, At: c.Ticket.UpdatedAt, ReporterName: "Ann", ToReporter: true,
		ByName: "Mum", Type: domain.Fire, Location: c.Ticket.Location,
	}
	if diff := cmp.Diff(want, claim.Deliveries[0].Alert); diff != "" {
		t.Error(diff)
	}
	if d := claim.Deliveries[0]; d.Waited < 0 || d.Waited > time.Minute || d.QueuedAt.IsZero() {
		t.Errorf("waited %v since %v", d.Waited, d.QueuedAt)
	}
}

func settleNothing(t *testing.T, b bench) {
	for _, results := range [][]ports.Settlement{nil, {{ID: 4711, Fate: ports.Delivered}}} {
		if err := b.Settle(t.Context(), newID(), results); err != nil {
			t.Error(err)
		}
	}
}
