package domain

import (
	"strings"
	"unicode/utf8"
)

// cleaned makes a header fit for storing: valid UTF-8, no control or hidden
// characters, at most most bytes.
func cleaned(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || isHidden(r) {
			return -1
		}
		return r
	}, text)
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "")
	}
	return text
}
