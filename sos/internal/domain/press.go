package domain

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	// MaxDescription and the other limits are in characters; longer text is cut.
	MaxDescription = 2000
	// MaxAddress is for a postal address or a place in words.
	MaxAddress = 500
	// MaxCountdown is the longest time to take an alarm back.
	MaxCountdown = 30 * time.Second
)

// Press is what somebody said when they pressed the button. Whatever is in it
// has been made acceptable already: see the parser of triggers.
type Press struct {
	Reporter    UserID
	Guest       *Guest        // nil for an account
	Type        EmergencyType // OtherType where not said
	Description string
	Address     string
	Location    *Location
	Countdown   time.Duration
	Silent      bool
	Drill       bool
	Canary      bool       // a drill of the service's own, which staff need not hear of
	OccurredAt  *time.Time // the device's clock: shown, never decided by
}

// CleanText makes text storable and shows what that took: NUL and other
// control characters (but line breaks and tabs) go, invalid UTF-8 is replaced,
// and what is over limit characters is cut.
func CleanText(field, text string, limit int) (string, []Warning) {
	var warnings []Warning
	cleaned := strings.Map(printable, strings.ToValidUTF8(text, string(utf8.RuneError)))
	if cleaned != text {
		warnings = append(warnings, Warning{field, WarnCleaned, "held characters that cannot be stored"})
	}
	cleaned = strings.TrimSpace(cleaned)
	if short := firstRunes(cleaned, limit); len(short) < len(cleaned) {
		warnings = append(warnings, Warning{field, WarnTruncated, "was too long and has been cut"})
		cleaned = short
	}
	return cleaned, warnings
}

func printable(r rune) rune {
	if unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' {
		return -1
	}
	return r
}

func firstRunes(text string, n int) string {
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}

// differences are the fields of a replay that say something else than the
// ticket: only the first press counts, and the caller should know.
func (p Press) differences(t Ticket) []Warning {
	var warnings []Warning
	differs := func(field string, yes bool) {
		if yes {
			warnings = append(warnings, Warning{field, WarnIgnored, "differs from the first request with this key, which counts"})
		}
	}
	differs("emergencyType", p.Type != OtherType && p.Type != t.Type)
	differs("description", p.Description != "" && p.Description != t.Description)
	differs("address", p.Address != "" && p.Address != t.Address)
	differs("silent", p.Silent != t.Silent)
	differs("drill", p.Drill != t.Drill)
	return warnings
}
