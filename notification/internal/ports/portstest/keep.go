package portstest

import (
	"slices"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

// heldPlans and heldWorks are what a claim is kept by.
func heldPlans(c ports.HopClaim) (held []ports.Held) {
	for _, p := range c.Plans {
		held = append(held, ports.Held{Lease: c.Lease, ID: string(p.Notification)})
	}
	return held
}

func heldWorks(c ports.DeliveryClaim) (held []ports.Held) {
	for _, w := range c.Works {
		held = append(held, ports.Held{Lease: c.Lease, ID: string(w.ID)})
	}
	return held
}

// bothClaimed has a plan and a delivery in somebody's hands.
func bothClaimed(t *testing.T, s Queues) (ports.HopClaim, ports.DeliveryClaim) {
	t.Helper()
	queued(t, s, followed(newUser(), domain.High, domain.Push))
	works := claimWorks(t, s, fcm, 1)
	planned(t, s, followed(newUser(), domain.High, domain.Push))
	return claimPlans(t, s, false, 1), works
}

// keep tells whether all of it is still held.
func keep(t *testing.T, s Queues, plans ports.HopClaim, works ports.DeliveryClaim) bool {
	t.Helper()
	keptPlans, err := s.KeepHops(t.Context(), heldPlans(plans), lease)
	if err != nil {
		t.Fatal(err)
	}
	keptWorks, err := s.KeepDeliveries(t.Context(), heldWorks(works), lease)
	if err != nil {
		t.Fatal(err)
	}
	if len(keptPlans)+len(keptWorks) == 0 {
		return false
	}
	if !slices.Equal(keptPlans, heldPlans(plans)) || !slices.Equal(keptWorks, heldWorks(works)) {
		t.Fatalf("%v and %v are kept", keptPlans, keptWorks)
	}
	return true
}

func lapsedLeft(t *testing.T, s Queues) {
	bothClaimed(t, s)
	s.Pass(t, lease+time.Second)
	cautious := everything
	cautious.Lapsed = false
	plans, err := s.ClaimHops(t.Context(), false, cautious)
	if err != nil || len(plans.Plans) != 0 {
		t.Fatalf("%d plans are taken over, %v", len(plans.Plans), err)
	}
	works, err := s.ClaimDeliveries(t.Context(), fcm, cautious)
	if err != nil || len(works.Works) != 0 {
		t.Fatalf("%d deliveries are taken over, %v", len(works.Works), err)
	}
	plans, works = claimPlans(t, s, false, 1), claimWorks(t, s, fcm, 1)
	if late := plans.Plans[0].Late; late < lease {
		t.Errorf("a step that lay in dead hands for %v is %v late", lease, late)
	}
	advance(t, s, plans.Lease, domain.Advance{Plan: plans.Plans[0], Steps: plans.Plans[0].Steps})
	settle(t, s, works.Lease, domain.Outcome{ID: works.Works[0].ID, State: domain.Waiting})
	s.Pass(t, time.Second)
	if plans, err = s.ClaimHops(t.Context(), false, cautious); err != nil || len(plans.Plans) != 1 {
		t.Errorf("%d plans, which are in nobody's hands, %v", len(plans.Plans), err)
	}
	if works, err = s.ClaimDeliveries(t.Context(), fcm, cautious); err != nil || len(works.Works) != 1 {
		t.Errorf("%d deliveries, which are in nobody's hands, %v", len(works.Works), err)
	}
}

func keptHeld(t *testing.T, s Queues) {
	plans, works := bothClaimed(t, s)
	for range 3 {
		s.Pass(t, lease-time.Second)
		if !keep(t, s, plans, works) {
			t.Error("it is not kept")
		}
	}
	claimPlans(t, s, false, 0)
	claimWorks(t, s, fcm, 0)
	s.Pass(t, lease+time.Second)
	claimPlans(t, s, false, 1)
	claimWorks(t, s, fcm, 1)
}

func keptTooLate(t *testing.T, s Queues) {
	plans, works := bothClaimed(t, s)
	s.Pass(t, lease+time.Second)
	claimPlans(t, s, false, 1)
	claimWorks(t, s, fcm, 1)
	s.Pass(t, lease-time.Second)
	if keep(t, s, plans, works) {
		t.Error("what another one has is kept")
	}
	s.Pass(t, 2*time.Second)
	hisPlans, hisWorks := claimPlans(t, s, false, 1), claimWorks(t, s, fcm, 1) // nobody has kept them
	p := hisPlans.Plans[0]
	advance(t, s, hisPlans.Lease, domain.Advance{Plan: p, Steps: p.Steps})
	settle(t, s, hisWorks.Lease, domain.Outcome{ID: hisWorks.Works[0].ID, State: domain.Waiting})
	if keep(t, s, hisPlans, hisWorks) {
		t.Error("what is done is kept")
	}
	s.Pass(t, time.Second)
	claimPlans(t, s, false, 1)
	claimWorks(t, s, fcm, 1)
}
