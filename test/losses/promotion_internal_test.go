package losses

import (
	"testing"
	"time"
)

func TestTheDarkLastsFromThePromotionToTheLastThatWasOverdue(t *testing.T) {
	t.Parallel()
	began := time.Now()
	at := func(ms int) time.Time { return began.Add(time.Duration(ms) * time.Millisecond) }
	arrivals := []arrival{
		{at(-100), at(-90)}, {at(500), at(2700)}, {at(900), at(2400)}, // while it was dark
		{at(2550), at(2620)}, {at(2600), at(2610)}, {at(3000), at(3400)},
	}
	d := darkness(event{began: began, promoted: at(2500)}, arrivals)
	want := Dark{
		Promoted: 2500 * time.Millisecond, First: 110 * time.Millisecond, Last: 900 * time.Millisecond, Overdue: 3,
		After: Lateness{Count: 3, P50: 70 * time.Millisecond, P99: 70 * time.Millisecond, Max: 400 * time.Millisecond},
	}
	if d != want {
		t.Errorf("%+v, want %+v", d, want)
	}
	if d := darkness(event{began: began}, arrivals); d != (Dark{}) {
		t.Errorf("nobody was promoted: %+v", d)
	}
	if d := darkness(event{began: began, promoted: at(5000)}, arrivals); d.Last != 0 || d.First != 0 {
		t.Errorf("all had come before: %+v", d)
	}
}
