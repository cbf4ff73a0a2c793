package report

import (
	"fmt"

	"github.com/loveapp/backend/test/load/internal/traffic"
)

// What is promised about calls for help, with all of it on two cores: a standby
// that has to confirm takes its share of them. Tried is at 200 a second and more,
// and the time for a burst where a thousand come in a second.
const (
	alarmRate, burstRate          = 200.0, 1000.0
	aloneMillis, confirmingMillis = 150.0, 300.0
	takenMillis                   = 1000.0
	burstMillis                   = 5000.0
	// replicated is what the server says where a standby has confirmed.
	replicated = "replicated"
)

func alarmTargets(r Report) []Target {
	taken, heard := r.delivery(traffic.AlarmTaken), r.delivery(traffic.AlarmHeard)
	first := r.route(traffic.AlarmRoute)
	complete := r.Sockets.Audit.Missing == 0 && r.Sockets.Audit.Repeated == 0
	all := []Target{
		{"calls for help taken", "100 %", fmt.Sprintf("%.2f %%, at the first try %.2f %%", (1-taken.ErrorRate)*percent, (1-first.ErrorRate)*percent), judge(taken.Failed == 0, taken.Good > 0)},
		{"taken, 99 %", fmt.Sprintf("< %.0f ms", takenMillis), milliseconds(taken.P99), judge(taken.P99 < takenMillis, r.Rate.Asked >= alarmRate)},
		{"heard by every contact, once", "0 missing, 0 twice", fmt.Sprintf("%d missing, %d twice", r.Sockets.Audit.Missing, r.Sockets.Audit.Repeated), judge(complete, r.Sockets.Audit.Promised > 0)},
	}
	if r.Rate.Asked >= burstRate {
		return append(all, Target{"heard, the last", fmt.Sprintf("< %.0f ms", burstMillis), milliseconds(heard.Max), judge(complete && heard.Max < burstMillis, heard.Good > 0)})
	}
	wanted, where := aloneMillis, "on one machine"
	if r.Promised[replicated] > 0 {
		wanted, where = confirmingMillis, "with a standby that confirms"
	}
	return append(all, Target{
		"heard, 99 %, " + where, fmt.Sprintf("< %.0f ms", wanted), milliseconds(heard.P99), judge(heard.P99 < wanted, heard.Good > 0 && r.Rate.Asked >= alarmRate),
	})
}

func (r Report) delivery(name traffic.Delivery) Line { return named(r.Sockets.Deliveries, name) }

func (r Report) route(name string) Line { return named(r.Routes, name) }

// named is the line of that name, an empty one where there is none.
func named(lines []Line, name string) Line {
	for _, line := range lines {
		if line.Name == name {
			return line
		}
	}
	return Line{Name: name}
}
