package domain

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Email is a canonical address: two spellings of one mailbox are one value.
type Email string

// The limits of RFC 5321 section 4.5.3.1.
const (
	maxLocalPart = 64
	maxEmail     = 254
)

var (
	emailFormat = &Refusal{"invalid_format", "must be an e-mail address such as name@example.org"}
	emailLength = &Refusal{"too_long", "must have at most 64 bytes before the @ and 254 in all"}
	emailTwin   = &Refusal{"confusable", "holds a character that looks like another or like nothing"}
)

// ParseEmail gives the canonical form: NFKC, lower case, the domain in ASCII.
// Characters that cannot be seen, or that this would turn into an ASCII letter
// by case alone (U+212A KELVIN SIGN), are refused: folded silently, they would
// let one person type another's address. Lower case, not full folding, which
// makes one mailbox of straße@ and strasse@.
func ParseEmail(raw string) (Email, *Refusal) {
	raw = strings.Trim(raw, " ") // phone keyboards add one
	switch {
	case raw == "":
		return "", missing
	case len(raw) > maxEmail*utf8.UTFMax:
		return "", emailLength
	case strings.ContainsFunc(raw, looksLikeAnother):
		return "", emailTwin
	}
	local, host, found := strings.Cut(fold(raw), "@")
	if !found || !isDotAtom(local) {
		return "", emailFormat
	}
	host, ok := asciiHost(host)
	if !ok {
		return "", emailFormat
	}
	if len(local) > maxLocalPart || len(local)+1+len(host) > maxEmail {
		return "", emailLength
	}
	return Email(local + "@" + host), nil
}

// fold makes spellings comparable. Lower case can undo the first normalisation, hence the second.
func fold(s string) string {
	if isLowerASCII(s) {
		return s
	}
	return norm.NFKC.String(strings.ToLower(norm.NFKC.String(s)))
}

func isLowerASCII(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || c >= 'A' && c <= 'Z' {
			return false
		}
	}
	return true
}

// looksLikeAnother finds what no mailbox needs: invisible characters, and
// letters outside ASCII with a case variant inside it.
func looksLikeAnother(r rune) bool {
	if r < utf8.RuneSelf {
		return false
	}
	if unicode.In(r, unicode.Cf, unicode.Cc, unicode.Co, unicode.Zl, unicode.Zp, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) {
		return true
	}
	for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
		if other < utf8.RuneSelf {
			return true
		}
	}
	return unicode.ToLower(r) < utf8.RuneSelf
}

// isDotAtom is RFC 5322 section 3.2.3, widened to letters of all scripts as RFC 6531 has it; no quoted strings.
func isDotAtom(local string) bool {
	if local == "" || local[0] == '.' || local[len(local)-1] == '.' || strings.Contains(local, "..") {
		return false
	}
	return !strings.ContainsFunc(local, func(r rune) bool {
		if r >= utf8.RuneSelf {
			return !isWordRune(r)
		}
		return !isAtomByte(byte(r)) //nolint:gosec // below utf8.RuneSelf
	})
}

func isWordRune(r rune) bool {
	return r != utf8.RuneError && unicode.In(r, unicode.L, unicode.M, unicode.N)
}

func isAtomByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("!#$%&'*+-/=?^_`{|}~.", c) >= 0
}
