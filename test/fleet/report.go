package fleet

import (
	"fmt"
	"strings"
	"time"
)

// names of the kinds of theft, as AUTH.md's rule of refresh tokens tells them apart.
var names = [kinds]string{ //nolint:gochecknoglobals // a constant list
	"the token before the newest, without the device token",
	"an older one, without the device token",
	"an older one, with the device token",
	"the newest one, without the device token, before the owner",
}

const (
	percent = 100
	day     = 24 * time.Hour
)

// Markdown is the report for people. noticed are the thefts in auth's own record.
func (r Result) Markdown(p Plan, copies, noticed int, took time.Duration) string {
	var text strings.Builder
	fmt.Fprintf(&text, `# A fleet of phones over %d days

%d phones, %d days of simulated time, %d copies of auth in front of one store, each refresh over HTTP to any of them. A phone
refreshes every %d days on average; %.0f %% of its pauses are some months; %.0f %% of all answers are lost, so that it shows the old
token again; %.0f %% of refreshes are sent two to %d times at the same moment, each to either copy. %.0f %% of the phones are stolen
from once. Time is auth's injected clock, the adapters are those in memory, which pass the same suite as PostgreSQL's.
It took %s, seed %d.

| | figure | goal |
|---|---|---|
| refreshes answered | %d | |
| answers lost | %d | |
| moments with several refreshes at once | %d | |
| refreshes after %d days unused and more | %d, the longest pause %d days | |
| **honest phones signed out** | **%d** | 0 |
| **thefts caught** | **%d of %d** | all |
| thefts in auth's own record | %d | as many |

| what the thief shows | tried | session ended for both |
|---|---|---|
`, int(p.Life/day), p.Phones, int(p.Life/day), copies, int(meanPause/day), percent*drawers, percent*lostReplies, percent*asksAtOnce, mostAtOnce,
		percent*thefts, took.Round(time.Second), p.Seed, r.Refreshes, r.Lost, r.AtOnce, int(unused/day), r.Months, int(r.Longest/day),
		r.SignedOut, r.Caught, r.Stolen, noticed)
	for kind, name := range names {
		fmt.Fprintf(&text, "| %s | %d | %d |\n", name, r.Kinds[kind].Tried, r.Kinds[kind].Caught)
	}
	return text.String()
}
