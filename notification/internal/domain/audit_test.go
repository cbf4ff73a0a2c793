package domain_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/loveapp/backend/notification/internal/domain"
)

func TestAGapIsToldFromALeap(t *testing.T) {
	t.Parallel()
	const first, second = domain.Seq(1) << 40, domain.Seq(1) << 41
	numberings := domain.Numberings{second, 0, first}
	for name, c := range map[string]struct {
		before, next domain.Seq
		want         int64
	}{
		"the next one":                          {4, 5, 0},
		"one is missing":                        {4, 6, 1},
		"the first of all":                      {0, 1, 0},
		"the first of all is missing":           {0, 2, 1},
		"the first of a numbering":              {4, first + 1, 0},
		"the first of a numbering is missing":   {4, first + 3, 2},
		"a gap within it":                       {first + 1, first + 5, 3},
		"a numbering that gave nothing between": {4, second + 1, 0},
		"far beyond without a numbering":        {4, first, int64(first) - 5},
	} {
		if got := numberings.Missing(c.before, c.next); got != c.want {
			t.Errorf("%s: %d missing, want %d", name, got, c.want)
		}
	}
}

// Whatever was given and is taken away again is missed, one by one.
func TestEveryEntryThatIsTakenAwayIsMissed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var numberings domain.Numberings
		var given []domain.Seq
		for i := range rapid.IntRange(1, 4).Draw(t, "numberings") {
			base := domain.Seq(i) << 40
			numberings = append(numberings, base)
			for n := range rapid.IntRange(1, 10).Draw(t, "entries") {
				given = append(given, base+domain.Seq(n)+1)
			}
		}
		last := given[len(given)-1]
		var found domain.Seq
		var missing, taken int64
		for i, seq := range given {
			// The last one of a numbering that has gone cannot be missed.
			final := i+1 < len(given) && seq.Leaps(given[i+1])
			if !final && rapid.Bool().Draw(t, "taken") {
				taken++
				continue
			}
			missing += numberings.Missing(found, seq)
			found = seq
		}
		missing += domain.Audited{Newest: last, Last: found}.MissingAtTheEnd(numberings)
		if missing != taken {
			t.Fatalf("%d missing of %v, %d were taken", missing, given, taken)
		}
	})
}
