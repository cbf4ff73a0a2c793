package report_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/test/load/internal/arrivals"
	"github.com/loveapp/backend/test/load/internal/crowd"
	"github.com/loveapp/backend/test/load/internal/ledger"
	"github.com/loveapp/backend/test/load/internal/meter"
	"github.com/loveapp/backend/test/load/internal/profile"
	"github.com/loveapp/backend/test/load/internal/report"
	"github.com/loveapp/backend/test/load/internal/score"
	"github.com/loveapp/backend/test/load/internal/worker"
)

var began = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// findings of ten seconds in which everything is just as promised.
func findings(t *testing.T) report.Findings {
	t.Helper()
	board := score.NewBoard()
	board.Begin(began)
	for i := range 50_000 {
		due := began.Add(time.Duration(i) * 200 * time.Microsecond)
		took := 20 * time.Millisecond
		if i%20 == 0 {
			took = 190 * time.Millisecond
		}
		if end := began.Add(10*time.Second - time.Millisecond); due.Add(took).After(end) {
			took = end.Sub(due)
		}
		board.Add("GET /v1/notifications", due, due.Add(took), "")
	}
	return report.Findings{
		Profile: profile.Profile{
			Name: "full", Phases: []arrivals.Phase{{For: 10 * time.Second, Rate: 5000}}, Sockets: 20_000, Persons: 20_000, Accounts: 700, Addresses: 1000,
		},
		Seed: 7, Began: began,
		Result: worker.Result{
			Sent: 50_000, Requests: board.Sheet(),
			Sockets: worker.SocketsResult{
				Asked: 20_000, AtStart: 20_000, Fewest: 20_000, Audit: ledger.Audit{Promised: 40, Heard: 39, Missing: 1},
				Count: crowd.Count{Reconnects: 3, Ended: map[string]int64{"close_1012": 3}},
			},
		},
		Machine:  meter.Machine{Cores: 2, Kernel: "6.1", Go: "go1.26"},
		Load:     meter.Load{User: 3 * time.Second, Idle: time.Second},
		Programs: []report.Program{program("gateway-1", true, 512<<20), program("postgres-1", false, 4<<30)},
	}
}

func program(name string, service bool, rss int64) report.Program {
	return report.Program{
		Name: name, Service: service, Used: 5 * time.Second,
		Usage: meter.Usage{Processes: 3, Memory: meter.Memory{RSS: rss, PSS: rss / 2}, Sockets: []int{1, 200, 240}},
	}
}

func verdicts(r report.Report) map[string]report.Verdict {
	all := map[string]report.Verdict{}
	for _, target := range r.Targets {
		all[target.Name+" "+target.Wanted] = target.Verdict
	}
	return all
}

func TestTargetsAreJudgedAtTheirBounds(t *testing.T) {
	t.Parallel()
	met := map[string]report.Verdict{
		"concurrent users 10000 sockets open throughout": report.Met,
		"concurrent users 20000 sockets open throughout": report.Met,
		"throughput ≥ 5000 requests/s":                   report.Met,
		"response time, 95 % < 200 ms":                   report.Met,
		"response time, mean < 200 ms":                   report.Met,
		"errors < 0.1 %":                                 report.Met,
		"memory per service ≤ 512 MiB":                   report.Met,
	}
	for name, c := range map[string]struct {
		change  func(f *report.Findings)
		changed map[string]report.Verdict
	}{
		"as promised": {func(*report.Findings) {}, nil},
		"one socket fewer for a moment": {
			func(f *report.Findings) { f.Result.Sockets.Fewest-- },
			map[string]report.Verdict{"concurrent users 20000 sockets open throughout": report.Missed},
		},
		"a smaller load": {
			func(f *report.Findings) {
				f.Profile.Sockets, f.Result.Sockets.Fewest = 500, 500
				f.Profile.Phases[0].Rate = 300
				f.Result.Requests.PerSecond = []int64{3000}
			},
			map[string]report.Verdict{
				"concurrent users 10000 sockets open throughout": report.NotTried,
				"concurrent users 20000 sockets open throughout": report.NotTried,
				"throughput ≥ 5000 requests/s":                   report.NotTried,
			},
		},
		"one answer in a thousand is an error": {
			func(f *report.Findings) {
				f.Result.Requests.Lines["GET /v1/notifications"].Faults = map[score.Fault]int64{"status_503": 51}
			},
			map[string]report.Verdict{"errors < 0.1 %": report.Missed},
		},
		"the last answers come after the end": {
			func(f *report.Findings) {
				f.Result.Requests.PerSecond = append(f.Result.Requests.PerSecond, 10)
				f.Result.Requests.PerSecond[9] -= 10
			},
			map[string]report.Verdict{"throughput ≥ 5000 requests/s": report.Missed},
		},
		"one in twelve is slow": {
			func(f *report.Findings) {
				for range 5000 {
					f.Result.Requests.Lines["GET /v1/notifications"].Latency.Record(time.Second)
				}
			},
			map[string]report.Verdict{"response time, 95 % < 200 ms": report.Missed},
		},
		"a service grows": {
			func(f *report.Findings) { f.Programs[0].RSS++ },
			map[string]report.Verdict{"memory per service ≤ 512 MiB": report.Missed},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := findings(t)
			c.change(&f)
			want := map[string]report.Verdict{}
			for target, verdict := range met {
				want[target] = verdict
				if changed, is := c.changed[target]; is {
					want[target] = changed
				}
			}
			if diff := cmp.Diff(want, verdicts(report.Of(f))); diff != "" {
				t.Errorf("verdicts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestThePageSaysEverythingThatWasFound(t *testing.T) {
	t.Parallel()
	f := findings(t)
	f.Result.Requests.Lines["GET /v1/notifications"].Faults = map[score.Fault]int64{"timeout": 2, "status_503": 51}
	page, err := report.Of(f).Markdown()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"# Load: full", "10s at 5000/s", "20000 WebSockets", "2 cores", "Linux 6.1", "seed 7",
		"| errors | < 0.1 % | 0.106 % | MISSED |",
		"| GET /v1/notifications | 50000 | 20.0 ms |", "status_503 51, timeout 2", "| **all requests** |",
		"never fewer than 20000; 3 reconnects (close_1012 3)", "40 messages promised (202 or 201), 39 heard, 1 missing, 0 shown twice",
		"75 % user", "0.50 of its cores were busy with something else", "| gateway-1 | 3 | 0.50 | 512 | 256 | 200–240 in each of 2 |", "700 accounts were registered",
	} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if t.Failed() {
		t.Logf("%s", page)
	}
}

func TestTheReportIsReadBackAsItWasWritten(t *testing.T) {
	t.Parallel()
	r := report.Of(findings(t))
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var read report.Report
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(verdicts(r), verdicts(read)); diff != "" || read.Total.P95 != r.Total.P95 || read.Programs[0].RSS != 512<<20 {
		t.Errorf("read back it differs: p95 %v and %v, %s", r.Total.P95, read.Total.P95, diff)
	}
}
