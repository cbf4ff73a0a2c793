package architecture

import (
	"maps"
	"strings"
)

// bindings are what the {names} of a pattern stand for.
type bindings map[string]string

// match compares a path with a pattern, segment by segment. "*" is any
// characters of one segment, {name} too, but the same ones wherever it stands in
// a rule; "..." is any number of segments, none included; "std" is the whole
// standard library.
func match(pattern, subject string, bound bindings) (bindings, bool) {
	if pattern == "std" {
		return bound, isStd(subject)
	}
	return matchParts(strings.Split(pattern, "/"), strings.Split(subject, "/"), bound)
}

func matchParts(pattern, subject []string, bound bindings) (bindings, bool) {
	if len(pattern) == 0 {
		return bound, len(subject) == 0
	}
	if pattern[0] == "..." {
		for skip := range len(subject) + 1 {
			if found, ok := matchParts(pattern[1:], subject[skip:], bound); ok {
				return found, true
			}
		}
		return nil, false
	}
	if len(subject) == 0 {
		return nil, false
	}
	bound, ok := matchSegment(pattern[0], subject[0], bound)
	if !ok {
		return nil, false
	}
	return matchParts(pattern[1:], subject[1:], bound)
}

// matchSegment knows one "*" or one {name} in a segment.
func matchSegment(pattern, segment string, bound bindings) (bindings, bool) {
	name := ""
	before, after, wild := strings.Cut(pattern, "*")
	if open, rest, named := strings.Cut(pattern, "{"); named {
		before, wild = open, true
		name, after, _ = strings.Cut(rest, "}")
	}
	if !wild {
		return bound, pattern == segment
	}
	value, okBefore := strings.CutPrefix(segment, before)
	value, okAfter := strings.CutSuffix(value, after)
	if !okBefore || !okAfter || value == "" {
		return nil, false
	}
	return bind(bound, name, value)
}

func bind(bound bindings, name, value string) (bindings, bool) {
	if name == "" {
		return bound, true
	}
	if known, taken := bound[name]; taken {
		return bound, known == value
	}
	wider := maps.Clone(bound)
	if wider == nil {
		wider = bindings{}
	}
	wider[name] = value
	return wider, true
}

// matchAny says whether one of the patterns fits.
func matchAny(patterns []string, subject string, bound bindings) bool {
	for _, p := range patterns {
		if _, ok := match(p, subject, bound); ok {
			return true
		}
	}
	return false
}

// isStd: the first segment of anybody else's import path holds a dot.
func isStd(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return !strings.Contains(first, ".")
}
