package httpapi

import (
	"net/http"

	"github.com/klauspost/compress/gzhttp"
)

// compressFrom is the size in bytes below which compressing costs more than it saves: one packet carries both.
const compressFrom = 1 << 10

// newCompressor wraps handlers whose answers are JSON or pages: those of 1 KiB
// and more go out gzipped to whoever takes that. Streams and sockets are not
// wrapped, and neither is what holds tokens beside what a client sent
// (BREACH, CVE-2013-3587).
func newCompressor() (func(http.Handler) http.HandlerFunc, error) {
	return gzhttp.NewWrapper(
		gzhttp.MinSize(compressFrom),
		gzhttp.EnableZstd(false),
		gzhttp.ContentTypes([]string{"application/json", "application/problem+json", "application/geo+json", "application/jwk-set+json", "text/html"}),
	)
}
