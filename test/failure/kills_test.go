package failure_test

import (
	"math/rand/v2"
	"testing"

	"github.com/loveapp/backend/shared/failpoint"
	"github.com/loveapp/backend/test/failure"
)

func TestAThousandKillsTakeEveryPartAndFiftyPrimaries(t *testing.T) {
	t.Parallel()
	const wanted, primaries = 1000, 50
	dealt := func(seed uint64) (names []string, byName map[string]int) {
		byName = map[string]int{}
		for _, f := range failure.Kills(wanted, rand.New(rand.NewPCG(seed, 0))) { //nolint:gosec // to be repeated
			if !f.Kills {
				t.Errorf("%s kills nothing", f.Name)
			}
			names, byName[f.Name] = append(names, f.Name), byName[f.Name]+1
		}
		return names, byName
	}
	names, times := dealt(1)
	if len(names) != wanted || times["kill primary"] < primaries {
		t.Errorf("%d faults, %d of them primaries", len(names), times["kill primary"])
	}
	for _, point := range failpoint.Names() {
		if times["die at "+string(point)] < primaries {
			t.Errorf("%s: %d times", point, times["die at "+string(point)])
		}
	}
	again, _ := dealt(1)
	other, _ := dealt(2)
	same := func(a []string) bool {
		for i := range a {
			if a[i] != names[i] {
				return false
			}
		}
		return true
	}
	if !same(again) || same(other) {
		t.Error("the order is not the seed's")
	}
}
