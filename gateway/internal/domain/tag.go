package domain

import "strings"

// HasTag tells whether If-None-Match names the tag. It compares weakly, as
// conditional reads do (RFC 9110 section 13.1.2).
func HasTag(headers []string, tag string) bool {
	tag = strings.TrimPrefix(tag, "W/")
	for _, header := range headers {
		for candidate := range strings.SplitSeq(header, ",") {
			candidate = strings.TrimPrefix(strings.TrimSpace(candidate), "W/")
			if candidate == tag || candidate == "*" {
				return true
			}
		}
	}
	return false
}

// WeakTag is the tag of an answer that the gateway may compress: the same
// meaning, not the same bytes (RFC 9110 section 8.8.1).
func WeakTag(tag string) string {
	if tag == "" || strings.HasPrefix(tag, "W/") {
		return tag
	}
	return "W/" + tag
}
