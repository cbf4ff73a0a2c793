package httpapi

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

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
