package domain

import "strings"

// Legacy is the monolith, while a migration goes on (MIGRATION.md, phase 5). It
// is none of Services: nothing here depends on it, and it answers no health check.
const Legacy Service = "legacy"

// Upstreams are the services and the monolith.
func Upstreams() []Service { return append(Services(), Legacy) }

// LegacyRoute is what requests to the monolith are held to. Their answers count
// as secret: it honours no key, so none of them is ever sent twice.
func LegacyRoute() Route {
	r := plain(Legacy, General, Optional, Normal)
	r.Secret = true
	return r
}

// LegacySignIn is LegacyRoute for where passwords can be guessed.
func LegacySignIn() Route {
	r := LegacyRoute()
	r.Class = Credentials
	return r
}

// LegacyMethods are those that go to the monolith.
func LegacyMethods() []string { return []string{"DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"} }

// LegacyRoom is how many of the gateway's slots the monolith may hold. Slow is
// how it has always been, so that its room does not shrink; but however slow,
// three quarters of the gateway stay free of it.
func LegacyRoom(slots int) int { return max(1, slots/4) }

// Areas are the parts of the name space that are this backend's, by their first
// one or two segments: nothing below them ever goes to the monolith, mistyped
// or not. Otherwise an alarm with a slash too many would be its to lose.
type Areas map[string]bool

// OwnAreas are those of the table and of what the gateway answers itself.
func OwnAreas() Areas {
	own := Areas{"internal": true, "metrics": true, "health": true, "docs": true, "openapi.json": true, "debug": true}
	for _, r := range Routes() {
		own[area(r.Pattern, 2)] = true
	}
	return own
}

// Hold tells whether the canonical path lies in one of the areas, as a reader
// sees it that minds neither case nor parameters of segments.
func (a Areas) Hold(path string) bool { return a[area(path, 1)] || a[area(path, 2)] }

// area is the first segments of a path.
func area(path string, segments int) string {
	parts := strings.SplitN(strings.TrimPrefix(path, "/"), "/", segments+1)
	parts = parts[:min(segments, len(parts))]
	for i, p := range parts {
		name, _, _ := strings.Cut(p, ";")
		parts[i] = strings.ToLower(strings.ToUpper(strings.TrimRight(name, " ."))) // there and back: some letters have two lower cases
	}
	return strings.Join(parts, "/")
}

// AtSignIn tells whether the path is one of the monolith's for signing in.
func AtSignIn(path string) bool { return area(path, 1) == "auth" }
