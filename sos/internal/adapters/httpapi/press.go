package httpapi

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

// parsePress reads a call for help out of whatever was sent. What cannot be
// used costs a warning and nothing else.
func parsePress(body []byte) (domain.Press, []domain.Warning) {
	f := readFields(body)
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
	return p, f.warnings
}

// fields are the members of an object that nobody has asked for yet.
type fields struct {
	prefix   string
	members  map[string]json.RawMessage
	warnings []domain.Warning
}

// byteOrderMark is what some editors put before JSON.
var byteOrderMark = []byte("\xef\xbb\xbf")

func readFields(body []byte) *fields {
	f := &fields{}
	body = bytes.TrimSpace(bytes.TrimPrefix(body, byteOrderMark))
	if len(body) == 0 {
		return f
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	if err := decoder.Decode(&f.members); err != nil {
		f.members = nil
		f.warn("body", domain.WarnUnparsable, "is no JSON object; it counts as empty")
	} else if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		f.warn("body", domain.WarnUnparsable, "goes on after its JSON value; the rest was not used")
	}
	return f
}

func (f *fields) warn(field, code, message string) {
	f.warnings = append(f.warnings, domain.Warning{Field: f.prefix + field, Code: code, Message: message})
}

// take reads a member into dst. An absent or null one is no mistake.
func (f *fields) take(name string, dst any, kind string) bool {
	raw, ok := f.members[name]
	delete(f.members, name)
	if !ok || string(raw) == "null" {
		return false
	}
	if err := json.Unmarshal(raw, dst); err != nil {
		f.warn(name, domain.WarnInvalidType, "must be "+kind+"; it was not used")
		return false
	}
	return true
}

func (f *fields) text(name string, limit int) string {
	var text string
	if !f.take(name, &text, "text") {
		return ""
	}
	text, warnings := domain.CleanText(f.prefix+name, text, limit)
	f.warnings = append(f.warnings, warnings...)
	return text
}

func (f *fields) boolean(name string) bool {
	var yes bool
	f.take(name, &yes, "true or false")
	return yes
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

// The years that a device's clock may show: before, it was never set; after, no database holds them.
const firstYear, lastYear = 1970, 9998

func (f *fields) time(name string) *time.Time {
	var text string
	if !f.take(name, &text, "a time in RFC 3339") {
		return nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil || t.UTC().Year() < firstYear || t.UTC().Year() > lastYear {
		f.warn(name, domain.WarnInvalidType, "must be a time in RFC 3339; it was not used")
		return nil
	}
	t = t.UTC().Truncate(time.Millisecond)
	return &t
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

const (
	maxUnknown     = 16 // of those that are named: a body has room for thousands
	maxUnknownName = 64
)

// rest warns of members that nobody has asked for.
func (f *fields) rest() {
	names := make([]string, 0, len(f.members))
	for name := range f.members {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names[:min(len(names), maxUnknown)] {
		shown, _ := domain.CleanText("", name, maxUnknownName)
		f.warn(cmp.Or(shown, "?"), domain.WarnUnknownField, "is not known and was not used")
	}
}
