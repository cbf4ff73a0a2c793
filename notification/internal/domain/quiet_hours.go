package domain

import (
	"strings"
	"time"
	_ "time/tzdata" // zones are the same on a machine that has none of its own

	"github.com/loveapp/backend/shared/fault"
)

// ClockTime is a time of day in minutes since midnight, as a clock on the wall
// shows it.
type ClockTime int16

const (
	minutesOfDay = ClockTime(24 * 60)
	day          = 24 * time.Hour
	clockFormat  = "15:04"
)

// ParseClockTime takes HH:MM, from 00:00 to 23:59.
func ParseClockTime(text string) (ClockTime, bool) {
	t, err := time.Parse(clockFormat, text)
	if err != nil || len(text) != len(clockFormat) { // Parse takes 7:00 too
		return 0, false
	}
	return ClockTime(t.Hour()*60 + t.Minute()), true //nolint:gosec // below 1,440
}

// String gives HH:MM.
func (c ClockTime) String() string { return time.Time{}.Add(c.sinceMidnight()).Format(clockFormat) }

func (c ClockTime) sinceMidnight() time.Duration { return time.Duration(c) * time.Minute }

// QuietHours are when somebody does not want to be disturbed: each day from
// From to To, To itself excluded, by the clocks of Zone. They go over midnight
// where From is later than To.
type QuietHours struct {
	From, To ClockTime
	Zone     *time.Location
}

// NewQuietHours checks what a person asks for: two different times as HH:MM and
// a zone of IANA's database.
func NewQuietHours(from, to, timezone string) (*QuietHours, []fault.Field) {
	c := check{prefix: "quietHours."}
	start, ok := ParseClockTime(from)
	c.that(ok, "from", "invalid_format", "must be a time of day as HH:MM")
	end, ends := ParseClockTime(to)
	c.that(ends, "to", "invalid_format", "must be a time of day as HH:MM")
	c.that(!ok || !ends || start != end, "to", "same_as_from", "must be another time than from")
	zone, known := loadZone(timezone)
	c.that(known, "timezone", "unknown_value", "must be a time zone of the IANA database, such as Europe/Paris")
	if len(c.wrong) > 0 {
		return nil, c.wrong
	}
	return &QuietHours{From: start, To: end, Zone: zone}, nil
}

// longestZone is more than any zone's name has.
const longestZone = 64

// loadZone takes neither what means the machine's own zone nor the copies that
// some machines keep beside the real ones.
func loadZone(name string) (*time.Location, bool) {
	head, _, _ := strings.Cut(name, "/")
	switch head {
	case "", "Local", "localtime", "posix", "posixrules", "right", "Factory":
		return nil, false
	}
	if len(name) > longestZone {
		return nil, false
	}
	zone, err := time.LoadLocation(name)
	return zone, err == nil
}

// Holds tells whether the clock shows a quiet time.
func (q QuietHours) Holds(at time.Time) bool {
	now := wallClock(at.In(q.Zone))
	from, to := q.From.sinceMidnight(), q.To.sinceMidnight()
	if from < to {
		return from <= now && now < to
	}
	return now >= from || now < to
}

// wallClock is what the clock shows since it last showed midnight.
func wallClock(local time.Time) time.Duration {
	hour, minute, second := local.Clock()
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second + time.Duration(local.Nanosecond())
}

// Until is the first instant, not before at, when the clock shows a time that is
// not quiet. Where a shift of the clock skips To, it is the shift, if the clock
// then shows such a time; where the clock shows To twice, it is the first time.
func (q QuietHours) Until(at time.Time) time.Time {
	for q.Holds(at) {
		local := at.In(q.Zone)
		// Between two shifts the clock runs on evenly, so quiet times end at To.
		end := at.Add((q.To.sinceMidnight() - wallClock(local) + day) % day)
		_, shift := local.ZoneBounds()
		if shift.IsZero() || shift.After(end) {
			return end.UTC()
		}
		at = shift
	}
	return at.UTC()
}
