package domain

import (
	"strings"
	"unicode/utf8"
)

// maxLabel is RFC 1035 section 2.3.4.
const maxLabel = 63

// asciiHost gives the form in which mail is sent, labels of other scripts as
// A-labels (RFC 5890), so that bücher.example and xn--bcher-kva.example are one.
// At least two labels are wanted: nobody outside this machine answers for localhost.
func asciiHost(host string) (string, bool) {
	labels := strings.Split(strings.ReplaceAll(host, "。", "."), ".")
	for i, label := range labels {
		ascii, ok := asciiLabel(label)
		if !ok {
			return "", false
		}
		labels[i] = ascii
	}
	return strings.Join(labels, "."), len(labels) > 1 && !isNumeric(labels[len(labels)-1])
}

func asciiLabel(label string) (string, bool) {
	if strings.IndexFunc(label, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
		return label, isHostLabel(label)
	}
	if strings.ContainsFunc(label, func(r rune) bool { return r >= utf8.RuneSelf && !isWordRune(r) }) {
		return "", false
	}
	encoded, ok := punycode([]rune(label))
	ascii := "xn--" + encoded
	return ascii, ok && isHostLabel(ascii)
}

func isHostLabel(label string) bool {
	if label == "" || len(label) > maxLabel || label[0] == '-' || label[len(label)-1] == '-' {
		return false
	}
	return !strings.ContainsFunc(label, func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z')
	})
}

// isNumeric: no top-level domain is a number, so that is an IPv4 address.
func isNumeric(label string) bool {
	return !strings.ContainsFunc(label, func(r rune) bool { return r < '0' || r > '9' })
}
