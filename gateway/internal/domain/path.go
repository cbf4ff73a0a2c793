package domain

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

// CanonicalPath tells whether a request path, as it came over the wire, has one
// meaning only, and gives it decoded. What another parser could read otherwise
// (RFC 3986 section 6, OWASP path traversal) is refused, not repaired: `//`, dot
// segments, also as `..;`, encoded dots, slashes, backslashes, percent signs
// and control bytes, and whatever is not UTF-8.
func CanonicalPath(escaped string) (string, bool) {
	if !strings.HasPrefix(escaped, "/") || strings.ContainsAny(escaped, `\#?`) {
		return "", false
	}
	path := escaped
	if strings.Contains(escaped, "%") {
		if hasAliasEscape(escaped) {
			return "", false
		}
		var err error
		if path, err = url.PathUnescape(escaped); err != nil {
			return "", false
		}
	}
	return path, cleanText(path) && cleanSegments(path)
}

// hasAliasEscape finds escapes of characters that need none, or that would
// change the path's structure once decoded.
func hasAliasEscape(escaped string) bool {
	for i := 0; i+2 < len(escaped); i++ {
		if escaped[i] == '%' && isStructural(unhex(escaped[i+1])<<4|unhex(escaped[i+2])) {
			return true
		}
	}
	return false
}

func isStructural(b byte) bool {
	switch {
	case b >= '0' && b <= '9', b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z':
		return true
	}
	return strings.IndexByte(`-._~/\%;?#`, b) >= 0
}

// unhex gives 0 for what is no hex digit: PathUnescape refuses it anyway.
func unhex(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return 0
}

func cleanText(path string) bool {
	for i := range len(path) {
		if path[i] < ' ' || path[i] == 0x7f {
			return false
		}
	}
	return utf8.ValidString(path)
}

func cleanSegments(path string) bool {
	for rest := path[1:]; ; {
		segment, after, more := strings.Cut(rest, "/")
		name, _, _ := strings.Cut(segment, ";")
		if name == "." || name == ".." || (segment == "" && more) {
			return false
		}
		if !more {
			return true
		}
		rest = after
	}
}
