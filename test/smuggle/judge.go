package main

import (
	"regexp"
	"strings"
)

var (
	digits    = regexp.MustCompile(`^[0-9]+$`)
	chunkLine = regexp.MustCompile(`^[0-9a-fA-F]{1,8}\r\n`)
)

// smuggled is in the path of requests that no server should find.
const smuggled = "/v1/sos/tickets/smuggled"

// amiss lists what is wrong with a message that has reached the service.
func (m message) amiss(c example) (wrong []string) {
	note := func(is bool, what string) {
		if is {
			wrong = append(wrong, what)
		}
	}
	first, lines, _ := strings.Cut(m.head, "\n")
	fields := m.fields()
	lengths, codings := fields["content-length"], fields["transfer-encoding"]
	note(strings.Contains(first, smuggled), "a smuggled request")
	note(strings.Count(m.head, "\n") != strings.Count(m.head, "\r\n"), "bare LF")
	note(strings.Contains(lines, "\n ") || strings.Contains(lines, "\n\t"), "a folded line")
	note(strings.ContainsAny(m.head, "\x00\x0b\x0c"), "a control byte")
	note(strings.Contains(strings.ReplaceAll(m.head, "\r\n", ""), "\r"), "bare CR")
	note(len(lengths) > 0 && len(codings) > 0, "two framings")
	note(len(lengths) > 1 || len(codings) > 1, "a length said twice")
	note(len(lengths) == 1 && !digits.MatchString(strings.TrimSpace(lengths[0])), "an odd length")
	note(len(codings) == 1 && strings.TrimSpace(codings[0]) != "chunked", "an odd coding")
	note(len(codings) == 1 && len(m.body) > 0 && !chunkLine.MatchString(m.body), "an odd chunk")
	note(len(fields["host"]) != 1, "not one Host")
	note(!m.whole, "a request that is broken off")
	note(c.canary != "" && strings.Contains(strings.ToLower(m.head+m.body), c.canary), c.meaning)
	return wrong
}
