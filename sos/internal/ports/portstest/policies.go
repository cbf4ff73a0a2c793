package portstest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

func policyTests() map[string]func(*testing.T, bench) {
	return map[string]func(*testing.T, bench){
		"the built-in policy is in force before any other": builtIn,
		"a policy is stored as the next version":           nextVersion,
		"a change of the policy that fails leaves nothing": failedPolicy,
		"changes of the policy at once are all versions":   policiesAtOnce,
		"a new ticket follows the policy in force":         policyInForce,
		"the list of dispatchers is replaced":              dispatchersReplaced,
		"the list of dispatchers is bounded":               dispatchersBounded,
	}
}

func (b bench) policy() ports.StoredPolicy {
	b.t.Helper()
	p, err := b.Policy(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

func builtIn(t *testing.T, b bench) {
	if diff := cmp.Diff(ports.StoredPolicy{Policy: domain.DefaultPolicy()}, b.policy()); diff != "" {
		t.Error(diff)
	}
}

func louder(p domain.Policy) (domain.Policy, error) {
	p.Repeat += time.Second
	return p, nil
}

func nextVersion(t *testing.T, b bench) {
	for version := 1; version < 4; version++ {
		stored, err := b.ReplacePolicy(t.Context(), "root", louder)
		if err != nil || stored.Policy.Version != version || stored.By != "root" || time.Since(stored.At).Abs() > time.Minute {
			t.Fatalf("stored %+v (%v)", stored, err)
		}
		want := domain.DefaultPolicy()
		want.Version, want.Repeat = version, want.Repeat+time.Duration(version)*time.Second
		if diff := cmp.Diff(ports.StoredPolicy{Policy: want, By: "root", At: stored.At}, b.policy(), cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
	}
}

func failedPolicy(t *testing.T, b bench) {
	refusal := errors.New("no")
	_, err := b.ReplacePolicy(t.Context(), "root", func(p domain.Policy) (domain.Policy, error) { return p, refusal })
	if mustFail(t, err, refusal); b.policy().Policy.Version != 0 {
		t.Errorf("version %d", b.policy().Policy.Version)
	}
}

func policiesAtOnce(t *testing.T, b bench) {
	var group sync.WaitGroup
	for range 10 {
		group.Go(func() {
			if _, err := b.ReplacePolicy(t.Context(), "root", louder); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if p := b.policy().Policy; p.Version != 10 || p.Repeat != domain.DefaultPolicy().Repeat+10*time.Second {
		t.Errorf("version %d repeats after %v", p.Version, p.Repeat)
	}
}

func policyInForce(t *testing.T, b bench) {
	before, _ := b.press(address("ann"), domain.Press{})
	if _, err := b.ReplacePolicy(t.Context(), "root", louder); err != nil {
		t.Fatal(err)
	}
	after, _ := b.press(address("eve"), domain.Press{})
	for want, c := range []domain.Case{before, after} {
		got, err := b.Ticket(t.Context(), c.Ticket.ID)
		if err != nil || got.Ticket.Escalation.Policy.Version != want || got.Standing.Policy.Version != 1 {
			t.Errorf("version %d, want %d (%v)", got.Ticket.Escalation.Policy.Version, want, err)
		}
	}
}

func (b bench) staff(ids ...domain.UserID) []domain.UserID {
	b.t.Helper()
	if err := b.KeepDispatchers(b.t.Context(), ids); err != nil {
		b.t.Fatal(err)
	}
	kept, err := b.Dispatchers(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return kept
}

func dispatchersReplaced(t *testing.T, b bench) {
	for _, list := range [][]domain.UserID{{"b", "a"}, {"c", "b", "b"}, {}} {
		want := map[domain.UserID]bool{}
		for _, id := range list {
			want[id] = true
		}
		got := b.staff(list...)
		for _, id := range got {
			if !want[id] {
				t.Errorf("%s is kept", id)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%v of %v", got, list)
		}
	}
}

func dispatchersBounded(t *testing.T, b bench) {
	var ids []domain.UserID
	for i := range domain.MaxDispatchers + 10 {
		ids = append(ids, domain.UserID(fmt.Sprintf("staff%03d", i)))
	}
	if got := b.staff(ids...); len(got) != domain.MaxDispatchers || got[0] != "staff000" {
		t.Errorf("%d, from %s", len(got), got[0])
	}
}
