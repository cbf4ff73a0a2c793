package domain

import (
	"strconv"
	"strings"
	"time"
)

// MaxAnswer is the largest body in bytes that is kept.
const MaxAnswer = 256 << 10

// Answer is a successful answer that is the same for everybody.
type Answer struct {
	Header map[string][]string `json:"header"` // those of KeptHeaders
	Body   []byte              `json:"body"`
	Since  time.Time           `json:"since"`
	Until  time.Time           `json:"until"`
}

// KeptHeaders are what of an answer's head belongs to the answer, and not to the exchange that brought it.
func KeptHeaders() []string {
	return []string{"Content-Type", "Content-Language", "Cache-Control", "Etag", "Last-Modified"}
}

// CacheKey names the answer to a request of the route, if it may be kept at
// all. A query other than one two-letter CacheBy is not: places are nobody's
// business, and made-up parameters would fill the cache.
func (r Route) CacheKey(path, query string) (string, bool) {
	if r.CacheFor == 0 {
		return "", false
	}
	if query == "" {
		return path, true
	}
	value, found := strings.CutPrefix(query, r.CacheBy+"=")
	if r.CacheBy == "" || !found || len(value) != 2 || !isLetter(value[0]) || !isLetter(value[1]) {
		return "", false
	}
	return path + "?" + query, true
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// KeepFor is how long an answer with that head may be kept for everybody; 0 =
// not at all. It follows RFC 9111 sections 3 and 5.2, and wants to be told
// explicitly: silence is no permission.
func (r Route) KeepFor(status int, header map[string][]string, authorized bool) time.Duration {
	if status != 200 || len(header["Set-Cookie"]) > 0 || !sameForAll(header["Vary"]) {
		return 0
	}
	var public bool
	var own, shared time.Duration = 0, -1
	for _, directive := range fields(header["Cache-Control"]) {
		name, value, _ := strings.Cut(directive, "=")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "no-store", "no-cache", "private":
			return 0
		case "public":
			public = true
		case "max-age":
			own = age(value)
		case "s-maxage":
			shared, public = age(value), true
		}
	}
	if authorized && !public {
		return 0
	}
	if shared >= 0 {
		own = shared
	}
	return min(own, r.CacheFor)
}

// sameForAll tells whether the answer depends on nothing but what the gateway itself sees to.
func sameForAll(vary []string) bool {
	for _, name := range fields(vary) {
		if name = strings.ToLower(strings.TrimSpace(name)); name != "accept-encoding" && name != "origin" && name != "" {
			return false
		}
	}
	return true
}

func fields(lines []string) []string { return strings.Split(strings.Join(lines, ","), ",") }

// age reads delta-seconds; what cannot be read is stale (RFC 9111 section 4.2.1).
func age(value string) time.Duration {
	seconds, err := strconv.ParseUint(strings.Trim(strings.TrimSpace(value), `"`), 10, 31)
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}
