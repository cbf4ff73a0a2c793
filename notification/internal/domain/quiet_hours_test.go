package domain_test

import (
	"archive/zip"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

func TestAClockTimeIsWrittenWithTwoDigitsEach(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"00:00", "07:05", "12:30", "23:59"} {
		if c, ok := domain.ParseClockTime(good); !ok || c.String() != good {
			t.Errorf("%s was read as %s, %t", good, c, ok)
		}
	}
	for _, bad := range []string{"", "7:00", "07:5", "24:00", "12:60", "-1:00", "12:30:00", " 12:30", "12.30", "１２:30"} {
		if c, ok := domain.ParseClockTime(bad); ok {
			t.Errorf("%q was read as %s", bad, c)
		}
	}
}

func TestQuietHoursEndWhereTheClockSaysSo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ from, to, zone, at, until string }{
		"over midnight":                         {"22:00", "07:00", "Europe/Paris", "2026-01-10T23:15:30+01:00", "2026-01-11T07:00:00+01:00"},
		"after midnight":                        {"22:00", "07:00", "Europe/Paris", "2026-01-11T06:59:59.999+01:00", "2026-01-11T07:00:00+01:00"},
		"their end is outside":                  {"22:00", "07:00", "Europe/Paris", "2026-01-11T07:00:00+01:00", ""},
		"their beginning is inside":             {"22:00", "07:00", "Europe/Paris", "2026-01-11T22:00:00+01:00", "2026-01-12T07:00:00+01:00"},
		"within a day":                          {"13:00", "15:00", "Asia/Kathmandu", "2026-01-11T14:00:00+05:45", "2026-01-11T15:00:00+05:45"},
		"the night that loses an hour":          {"22:00", "07:00", "Europe/Paris", "2026-03-28T23:00:00+01:00", "2026-03-29T07:00:00+02:00"},
		"an end that is skipped":                {"22:00", "02:30", "Europe/Paris", "2026-03-28T23:00:00+01:00", "2026-03-29T03:00:00+02:00"},
		"an end that comes twice":               {"22:00", "02:30", "Europe/Paris", "2026-10-24T23:00:00+02:00", "2026-10-25T02:30:00+02:00"},
		"the second time":                       {"22:00", "02:30", "Europe/Paris", "2026-10-25T02:10:00+01:00", "2026-10-25T02:30:00+01:00"},
		"half an hour is skipped":               {"22:00", "02:15", "Australia/Lord_Howe", "2026-10-03T23:00:00+10:30", "2026-10-04T02:30:00+11:00"},
		"a day is skipped":                      {"22:00", "12:00", "Pacific/Apia", "2011-12-29T23:30:00-10:00", "2011-12-31T12:00:00+14:00"},
		"a beginning that is skipped":           {"02:30", "03:30", "Europe/Paris", "2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00"},
		"all but a minute, over a longer night": {"07:01", "07:00", "Europe/Paris", "2026-10-24T07:01:00+02:00", "2026-10-25T07:00:00+01:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at, err := time.Parse(time.RFC3339Nano, c.at)
			if err != nil {
				t.Fatal(err)
			}
			q := quiet(t, c.from, c.to, c.zone)
			if q.Holds(at) != (c.until != "") {
				t.Fatalf("holds: %t", q.Holds(at))
			}
			want := at
			if c.until != "" {
				want, err = time.Parse(time.RFC3339Nano, c.until)
				if err != nil {
					t.Fatal(err)
				}
			}
			if got := q.Until(at); !got.Equal(want) {
				t.Errorf("until %s, want %s", got.In(q.Zone), want.In(q.Zone))
			}
		})
	}
}

// zones are all that Go knows: its own list is the archive that time/tzdata is made from.
func zones(t *testing.T) (all []*time.Location) {
	t.Helper()
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	archive, err := zip.OpenReader(filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = archive.Close() }()
	for _, file := range archive.File {
		if strings.HasSuffix(file.Name, "/") || file.Name == "Factory" {
			continue
		}
		q, wrong := domain.NewQuietHours("22:00", "07:00", file.Name)
		if len(wrong) > 0 {
			t.Fatalf("%s: %v", file.Name, wrong)
		}
		all = append(all, q.Zone)
	}
	return all
}

// shift is a change of a zone's offset; zones that share all of it share the
// answers too.
type shift struct {
	at            int64 // seconds since 1970
	before, after int   // seconds east of UTC
}

// shifts of the zones from 2008 to 2038: the ten years before and after today,
// and those in which Samoa skipped a day, and Venezuela and Korea half an hour.
func shifts(t *testing.T) map[shift]*time.Location {
	t.Helper()
	found := map[shift]*time.Location{}
	first, last := time.Date(2008, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2038, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, zone := range zones(t) {
		for at := first.In(zone); ; {
			_, next := at.ZoneBounds()
			if next.IsZero() || next.After(last) {
				break
			}
			_, before := next.Add(-time.Second).Zone()
			_, after := next.Zone()
			if before != after {
				found[shift{next.Unix(), before, after}] = zone
			}
			at = next
		}
	}
	return found
}

const (
	dayOfMinutes = 24 * 60
	backward     = 26 * 60 // minutes before a shift that are looked at
	forward      = 76 * 60 // and after it: whatever begins near the shift ends by then
)

// byTheMinute gives for each minute around the shift how many minutes later a clock
// that is read every minute first shows a time outside of the hours.
func byTheMinute(wall []int, from, to int) []int {
	later := make([]int, len(wall))
	for i := len(wall) - 1; i >= 0; i-- {
		inside := from <= wall[i] && wall[i] < to
		if from > to {
			inside = wall[i] >= from || wall[i] < to
		}
		if inside {
			later[i] = 1
			if i+1 < len(wall) {
				later[i] = later[i+1] + 1
			}
		}
	}
	return later
}

// Every zone, every shift, every kind of hours: what Until works out is what
// somebody finds who looks at the clock each minute.
func TestQuietHoursAreRightOverEveryShiftOfEveryZone(t *testing.T) {
	t.Parallel()
	all := shifts(t)
	if len(all) < 500 {
		t.Fatalf("only %d shifts were found", len(all))
	}
	random := rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())) //nolint:gosec // cases, no secrets
	wall := make([]int, backward+forward)
	for s, zone := range all {
		for i := range wall {
			local := time.Unix(s.at+int64(i-backward)*60, 0).In(zone)
			wall[i] = local.Hour()*60 + local.Minute()
			if local.Second() != 0 {
				t.Fatalf("%s: the minutes of the clock are not those of UTC at %s", zone, local)
			}
		}
		checkShift(t, s, zone, wall, random)
	}
}

func checkShift(t *testing.T, s shift, zone *time.Location, wall []int, random *rand.Rand) {
	t.Helper()
	mod := func(minute int) int { return (minute + dayOfMinutes) % dayOfMinutes }
	last, first := wall[backward-1], wall[backward] // what the clock shows around the shift
	edges := []int{mod(last - 60), mod(last - 1), last, mod(last + 1), mod(last + 15), first, mod(first - 1), mod(first + 1), mod(first + 30), 0, random.IntN(dayOfMinutes)}
	longest := 24*time.Hour + time.Duration(max(s.after-s.before, s.before-s.after))*time.Second
	for range 8 {
		from := edges[random.IntN(len(edges))]
		ends := append([]int{mod(from - 1), mod(from + 1), mod(from + 8*60)}, edges...)
		to := ends[random.IntN(len(ends))]
		if from == to {
			continue
		}
		bound := longest
		if skipped := (s.after - s.before) / 60; mod(from-to) <= skipped && skipped < dayOfMinutes {
			bound += 24 * time.Hour // the clock skips all of the time that is not quiet, so it is quiet for a day more
		}
		q := domain.QuietHours{From: domain.ClockTime(from), To: domain.ClockTime(to), Zone: zone} //nolint:gosec // minutes of a day
		checkHours(t, q, s, byTheMinute(wall, from, to), bound, random)
	}
}

// checkHours looks at some minutes around the shift, those next to it among them.
func checkHours(t *testing.T, q domain.QuietHours, s shift, later []int, bound time.Duration, random *rand.Rand) {
	t.Helper()
	for _, minute := range []int{backward - 1, backward, backward + 1, backward - 60, backward + 30, 0, random.IntN(2 * backward), random.IntN(2 * backward)} {
		var past time.Duration
		if random.IntN(2) == 0 {
			past = time.Duration(random.Int64N(int64(time.Minute)))
		}
		start := time.Unix(s.at+int64(minute-backward)*60, 0)
		at, want := start.Add(past), start.Add(time.Duration(later[minute])*time.Minute)
		if later[minute] == 0 {
			want = at
		}
		got := q.Until(at)
		if !got.Equal(want) || q.Holds(at) != (later[minute] > 0) || q.Holds(got) || got.Before(at) || got.Sub(at) > bound {
			t.Fatalf("%s, %s to %s, at %s: until %s, want %s", q.Zone, q.From, q.To, at.In(q.Zone), got.In(q.Zone), want.In(q.Zone))
		}
	}
}
