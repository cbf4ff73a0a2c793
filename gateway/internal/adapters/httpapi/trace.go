package httpapi

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"net/http"
	"strings"

	"github.com/loveapp/backend/shared/tracing"
)

const traceparent = "Traceparent"

// traced gives every request a trace (W3C Trace Context): the one that the
// gateway itself follows it in, else the client's where that is valid, else a new
// one that nobody samples.
func traced(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		parent := r.Header[traceparent]
		if ours := tracing.Header(r.Context()); ours != "" {
			parent = []string{ours}
			r.Header[traceparent] = parent
		} else if len(parent) != 1 || !validTrace(parent[0]) {
			parent = []string{newTrace()}
			r.Header[traceparent] = parent
			delete(r.Header, "Tracestate")
		}
		w.Header()[traceparent] = parent
		next.ServeHTTP(w, r)
	})
}

// The fields of version 00: version-trace-span-flags.
const traceLength = 2 + 1 + 32 + 1 + 16 + 1 + 2

func validTrace(s string) bool {
	if len(s) != traceLength || s[2] != '-' || s[35] != '-' || s[52] != '-' || s[:2] != "00" {
		return false
	}
	trace, span, flags := s[3:35], s[36:52], s[53:]
	return isHex(trace) && isHex(span) && isHex(flags) && strings.Trim(trace, "0") != "" && strings.Trim(span, "0") != ""
}

func isHex(s string) bool {
	for i := range len(s) {
		if !(s[i] >= '0' && s[i] <= '9' || s[i] >= 'a' && s[i] <= 'f') {
			return false
		}
	}
	return true
}

func newTrace() string {
	var id [24]byte
	for i := 0; i < len(id); i += 8 {
		binary.BigEndian.PutUint64(id[i:], rand.Uint64()|1) //nolint:gosec // unique, not secret; never all zero
	}
	b := append(make([]byte, 0, traceLength), "00-"...)
	b = hex.AppendEncode(b, id[:16])
	b = hex.AppendEncode(append(b, '-'), id[16:])
	return string(append(b, "-00"...))
}
