package idgen_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/loveapp/backend/shared/idgen"
)

func TestNewIDsAreDistinctAndSortInTheOrderTheyWereMade(t *testing.T) {
	t.Parallel()
	ids := make([]string, 10_000)
	for i := range ids {
		ids[i] = idgen.NewV7()
	}
	if !slices.IsSorted(ids) {
		t.Error("not in order")
	}
	if len(slices.Compact(ids)) != 10_000 {
		t.Error("an id twice")
	}
	if id, err := uuid.Parse(ids[0]); err != nil || id.Version() != 7 || id.Variant() != uuid.RFC4122 {
		t.Errorf("%s is no UUIDv7: %v", ids[0], err)
	}
}

func TestManyGoroutinesNeverShareAnID(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	var seen sync.Map
	for range 8 {
		all.Go(func() {
			for range 2000 {
				if _, twice := seen.LoadOrStore(idgen.NewV7(), true); twice {
					t.Error("an id twice")
				}
			}
		})
	}
	all.Wait()
}

// TestANameGivesItsIDForEver pins values: they stand in databases.
func TestANameGivesItsIDForEver(t *testing.T) {
	t.Parallel()
	cases := map[[2]string]string{
		{"sos", "a"}:          "6ac8db1c-2ed8-58a0-a9ce-96574ab3dde1",
		{"sos", "b"}:          "76faf5d5-76a8-5fb5-9371-9a3f6ec378cb",
		{"notification", "a"}: "5b573381-d48a-56d7-ac9c-7423759e63e7",
		{"", ""}:              "db0be55f-cb6f-5027-a3c5-ad11c4f8ba7e",
	}
	seen := map[string]bool{}
	for pair, want := range cases {
		got := idgen.V5(pair[0], pair[1])
		if got != want {
			t.Errorf("%q: %s, want %s", pair, got, want)
		}
		if id, err := uuid.Parse(got); err != nil || id.Version() != 5 || seen[got] {
			t.Errorf("%q: %s is not its own UUIDv5", pair, got)
		}
		seen[got] = true
	}
}
