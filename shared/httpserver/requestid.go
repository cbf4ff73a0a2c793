package httpserver

import (
	"encoding/binary"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/google/uuid"
)

const maxRequestID = 128

// requestID keeps the client's id where it is short and harmless in a log.
func requestID(r *http.Request, now time.Time) string {
	id := r.Header.Get("X-Request-Id")
	if id == "" || len(id) > maxRequestID {
		return newRequestID(now)
	}
	for _, c := range []byte(id) {
		if !isIDByte(c) {
			return newRequestID(now)
		}
	}
	return id
}

func isIDByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '_' || c == '.'
}

// newRequestID is a UUIDv7 (RFC 9562 section 5.7) that is unique and nothing
// more: nobody has to be unable to guess it, nor do two of one millisecond sort
// as they were made. That takes neither the system's randomness nor a lock.
func newRequestID(now time.Time) string {
	const timeBits, version, variant = 48, 0x7 << 12, 0b10 << 62
	high, low := rand.Uint64(), rand.Uint64() //nolint:gosec // no secret
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:8], uint64(now.UnixMilli())<<(64-timeBits)|version|high&0xfff)
	binary.BigEndian.PutUint64(id[8:], variant|low>>2)
	return id.String()
}
