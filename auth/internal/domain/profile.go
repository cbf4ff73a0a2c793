package domain

import (
	"path"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

const (
	maxName      = 100 // runes; the longest names in passports stay below it
	maxDevice    = 100 // runes
	maxLocale    = 35  // characters, RFC 5646 section 4.4.1
	maxTimezone  = 64
	minPhone     = 8  // with the +: the shortest international numbers have seven digits
	maxPhone     = 16 // with the +: ITU-T E.164 section 6
	zeroWidthNJ  = '\u200c'
	zeroWidthJ   = '\u200d'
	blank        = " \u200c\u200d\u115f\u1160\u3164\uffa0\u2800" // joiners, fillers of Hangul, the Braille cell without dots
	utcZone      = "UTC"
	formatPhone  = "must be a number in E.164 form such as +4915112345678"
	formatLocale = "must be a language tag such as en or fr-CA"
	formatZone   = "must be a time zone such as Europe/Berlin"
)

// parseName bounds what people call themselves without judging it. The
// zero-width joiners are letters' business in Persian and the Indic scripts;
// other invisible characters, direction overrides above all, forge texts.
func parseName(raw string) (string, *Refusal) { return parseLabel(raw, maxName) }

// parseDeviceName does the same for "Ana's phone".
func parseDeviceName(raw string) (string, *Refusal) { return parseLabel(raw, maxDevice) }

func parseLabel(raw string, most int) (string, *Refusal) {
	label := norm.NFC.String(strings.TrimSpace(raw))
	switch {
	case strings.Trim(label, blank) == "":
		return "", &Refusal{"too_short", "must not be empty; leave it out or send null"}
	case utf8.RuneCountInString(label) > most:
		return "", &Refusal{"too_long", "must have at most 100 characters"}
	case strings.ContainsFunc(label, isHidden):
		return "", &Refusal{"invalid_characters", "must not hold control or invisible characters"}
	}
	return label, nil
}

func isHidden(r rune) bool {
	if r == zeroWidthJ || r == zeroWidthNJ {
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp)
}

// parsePhone takes E.164 only: what a number without a country means depends on where it is read.
func parsePhone(raw string) (string, *Refusal) {
	if len(raw) < minPhone || len(raw) > maxPhone || raw[0] != '+' || raw[1] == '0' || !isNumeric(raw[1:]) {
		return "", &Refusal{"invalid_format", formatPhone}
	}
	return raw, nil
}

// parseLocale gives the canonical spelling of a BCP 47 tag.
func parseLocale(raw string) (string, *Refusal) {
	if len(raw) > maxLocale {
		return "", &Refusal{"too_long", "must have at most 35 characters"}
	}
	tag, err := language.Parse(raw)
	if err != nil || tag == language.Und {
		return "", &Refusal{"invalid_format", formatLocale}
	}
	return tag.String(), nil
}

// parseTimezone takes names of the IANA database. Some systems keep more in the
// same folder ("posix/…", "right/…", "localtime"), and find "Europe//Berlin"
// there, which means nothing elsewhere.
func parseTimezone(raw string) (string, *Refusal) {
	refusal := &Refusal{"invalid_format", formatZone}
	if raw == utcZone {
		return raw, nil
	}
	if raw == "" || len(raw) > maxTimezone || raw[0] < 'A' || raw[0] > 'Z' || raw == "Local" || path.Clean(raw) != raw {
		return "", refusal
	}
	if _, err := time.LoadLocation(raw); err != nil {
		return "", refusal
	}
	return raw, nil
}
