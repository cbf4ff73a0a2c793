package httpapi

import (
	"math"
	"strings"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

// parsePress reads a call for help out of whatever was sent. What cannot be
// used costs a warning and nothing else.
func parsePress(body []byte) (domain.Press, []domain.Warning) {
	f := readFields(body)
	p := f.press()
	return p, f.warnings
}

func (f *fields) press() domain.Press {
	p := domain.Press{
		Type:        f.emergencyType(),
		Description: f.text("description", domain.MaxDescription),
		Address:     f.text("address", domain.MaxAddress),
		Location:    f.location(),
		Countdown:   f.countdown(),
		Silent:      f.boolean("silent"),
		Drill:       f.boolean("drill"),
		OccurredAt:  f.time("occurredAt"),
	}
	f.rest()
	return p
}

func (f *fields) emergencyType() domain.EmergencyType {
	var text string
	if !f.take("emergencyType", &text, "text") {
		return domain.OtherType
	}
	kind := domain.EmergencyType(strings.ToLower(strings.TrimSpace(text)))
	if !kind.Known() {
		f.warn("emergencyType", domain.WarnUnknownValue, "is not known; it counts as other")
		return domain.OtherType
	}
	return kind
}

func (f *fields) countdown() time.Duration {
	var seconds float64
	if !f.take("countdownSeconds", &seconds, "a number of seconds") {
		return 0
	}
	clamped := math.Trunc(min(max(seconds, 0), domain.MaxCountdown.Seconds()))
	if clamped != math.Trunc(seconds) {
		f.warn("countdownSeconds", domain.WarnOutOfRange, "must be from 0 to 30; the nearest was used")
	}
	return time.Duration(clamped) * time.Second
}

func (f *fields) location() *domain.Location {
	inner := &fields{prefix: "location."}
	if !f.take("location", &inner.members, "an object") {
		return nil
	}
	l := inner.fix()
	f.warnings = append(f.warnings, inner.warnings...)
	return l
}

func (f *fields) fix() *domain.Location {
	var latitude, longitude float64
	haveLatitude, haveLongitude := f.coordinate("latitude", &latitude), f.coordinate("longitude", &longitude)
	if !haveLatitude || !haveLongitude {
		return nil
	}
	l, warnings := domain.NewLocation(latitude, longitude)
	f.warnings = append(f.warnings, warnings...)
	if l == nil {
		return nil
	}
	for _, side := range domain.SideFields() {
		var value float64
		if f.take(side.Name, &value, "a number") {
			f.warnings = append(f.warnings, side.Set(l, value)...)
		}
	}
	l.Source = f.text("source", domain.MaxSource)
	l.CapturedAt = f.time("capturedAt")
	f.rest()
	return l
}

func (f *fields) coordinate(name string, value *float64) bool {
	if raw, ok := f.members[name]; !ok || string(raw) == "null" {
		f.warn(name, domain.WarnMissing, "is missing; the location was not used")
		return false
	}
	return f.take(name, value, "a number of degrees")
}
