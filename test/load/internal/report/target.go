package report

import (
	"fmt"

	"github.com/loveapp/backend/test/load/internal/traffic"
)

// Verdict on a target.
type Verdict string

// The verdicts. A load that asks for less than a target says nothing about it.
const (
	Met      Verdict = "met"
	Missed   Verdict = "MISSED"
	NotTried Verdict = "not tried at this size"
)

// Target is one of the product's promises and what was found.
type Target struct {
	Name    string  `json:"name"`
	Wanted  string  `json:"wanted"`
	Found   string  `json:"found"`
	Verdict Verdict `json:"verdict"`
}

// What the product promises for one cluster: 10,000 to 20,000 concurrent users,
// 5,000 requests a second, 95 % of answers within 200 ms, fewer than 0.1 %
// errors, 256 to 512 MB a service.
const (
	fewUsers, manyUsers = 10_000, 20_000
	promisedRate        = 5000.0
	promisedMillis      = 200.0
	promisedErrors      = 0.001
	promisedMemory      = 512 << 20
	percent             = 100
	mebibyte            = 1 << 20
)

func targets(r Report) []Target {
	if r.Profile.Mix == traffic.Presses {
		return alarmTargets(r)
	}
	all := []Target{
		users(r, fewUsers), users(r, manyUsers),
		{
			"throughput", fmt.Sprintf("≥ %.0f requests/s", promisedRate), fmt.Sprintf("%.0f requests/s", r.Rate.Achieved),
			judge(r.Rate.Achieved >= promisedRate, r.Rate.Asked >= promisedRate),
		},
		{"response time, 95 %", fmt.Sprintf("< %.0f ms", promisedMillis), milliseconds(r.Total.P95), judge(r.Total.P95 < promisedMillis, r.Total.Good > 0)},
		{"response time, mean", fmt.Sprintf("< %.0f ms", promisedMillis), milliseconds(r.Total.Mean), judge(r.Total.Mean < promisedMillis, r.Total.Good > 0)},
		{
			"errors", fmt.Sprintf("< %.1f %%", promisedErrors*percent), fmt.Sprintf("%.3f %%", r.Total.ErrorRate*percent),
			judge(r.Total.ErrorRate < promisedErrors, r.Total.Good+r.Total.Failed > 0),
		},
	}
	if largest, ok := largestService(r.Programs); ok {
		all = append(all, Target{
			"memory per service", fmt.Sprintf("≤ %d MiB", promisedMemory/mebibyte),
			fmt.Sprintf("%d MiB (%s, the largest)", largest.RSS/mebibyte, largest.Name), judge(largest.RSS <= promisedMemory, true),
		})
	}
	return all
}

func users(r Report, n int) Target {
	return Target{
		"concurrent users", fmt.Sprintf("%d sockets open throughout", n), fmt.Sprintf("%d at the least", r.Sockets.Fewest),
		judge(r.Sockets.Fewest >= int64(n), r.Profile.Sockets >= n),
	}
}

func judge(met, tried bool) Verdict {
	switch {
	case !tried:
		return NotTried
	case met:
		return Met
	default:
		return Missed
	}
}

func largestService(programs []Program) (largest Program, found bool) {
	for _, p := range programs {
		if p.Service && p.RSS > largest.RSS {
			largest, found = p, true
		}
	}
	return largest, found
}

func milliseconds(ms float64) string { return fmt.Sprintf("%.1f ms", ms) }
