package sms

import (
	"strings"
	"unicode/utf16"
)

// A message of more than one segment gives part of each to the header that puts
// them together (3GPP TS 23.040 section 9.2.3.24.1): 153 of 160 septets remain,
// or 67 of 70 UTF-16 units. More than ten cost more than they say.
const (
	segments       = 10
	septets        = 153
	units          = 67
	ellipsis       = "..." // its one-character form is not in the GSM alphabet
	linkBeginsWith = "https://"
)

// gsm is the default alphabet of 3GPP TS 23.038 section 6.2.1, escaped its
// extension, whose characters take two septets.
const (
	gsm = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	escaped = "\f^{}\\[~]|€"
)

// Fit trims text to ten segments. Its end stays if it is a link: that is what
// the message is for.
func Fit(text string) string {
	if fits(text) {
		return text
	}
	text, link := text, ""
	if at := strings.LastIndex(text, linkBeginsWith); at >= 0 && !strings.ContainsAny(text[at:], " \n") && fits(ellipsis+" "+text[at:]) {
		text, link = strings.TrimRight(text[:at], " \n"), " "+text[at:]
	}
	runes := []rune(text)
	low, high := 0, len(runes) // the most runes that fit
	for low < high {
		middle := (low + high + 1) / 2
		if fits(string(runes[:middle]) + ellipsis + link) {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return string(runes[:low]) + ellipsis + link
}

func fits(text string) bool {
	if n, plain := inSeptets(text); plain {
		return n <= segments*septets
	}
	return len(utf16.Encode([]rune(text))) <= segments*units
}

// inSeptets counts; false where a character is in neither alphabet.
func inSeptets(text string) (n int, plain bool) {
	for _, r := range text {
		switch {
		case strings.ContainsRune(gsm, r):
			n++
		case strings.ContainsRune(escaped, r):
			n += 2
		default:
			return 0, false
		}
	}
	return n, true
}
