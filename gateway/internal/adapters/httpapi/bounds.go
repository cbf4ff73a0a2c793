package httpapi

import (
	"net/http"
	"net/url"

	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/problem"
)

const (
	maxURI       = 8 << 10
	maxHeaders   = 100
	maxHeadBytes = 16 << 10 // names and values, as they stand on the wire
	fieldFrame   = len(": \r\n")
)

var (
	errURI     = fault.New(fault.URITooLong, "uri_too_long", "The address is too long.")
	errHeaders = fault.New(fault.HeadersTooLarge, "headers_too_large", "There are too many headers, or they are too long.")
	errQuery   = fault.New(fault.Malformed, "malformed_query", "The query string cannot be parsed.")
	errGetBody = fault.New(fault.Malformed, "malformed_request", "A request of this method has no body.")
	errMethod  = fault.New(fault.MethodNotAllowed, "method_not_allowed", "This path does not take that method.")
	errPath    = fault.New(fault.Malformed, "malformed_path", "The path is not in its canonical form.")
)

// bounded refuses what is too large or contradicts itself. The server bounds
// the time for the head, and what it reads of one that is larger still.
func bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := checkBounds(r); err != nil {
			if r.Method == http.MethodConnect {
				w.Header().Set("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS") // of the server: CONNECT names no path
			}
			problem.Write(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func checkBounds(r *http.Request) error {
	fields, size := headOf(r)
	switch {
	case r.Method == http.MethodConnect:
		return errMethod
	case len(r.RequestURI) > maxURI:
		return errURI
	case fields > maxHeaders || size > maxHeadBytes:
		return errHeaders
	case (r.Method == http.MethodGet || r.Method == http.MethodHead) && r.ContentLength != 0:
		return errGetBody
	case r.URL.RawQuery != "":
		if _, err := url.ParseQuery(r.URL.RawQuery); err != nil {
			return errQuery
		}
	}
	return nil
}

// headOf counts the fields of a head and their bytes. What traces the request
// may be the gateway's own, and the host's name stands apart from the others.
func headOf(r *http.Request) (fields, size int) {
	fields, size = 1, len("Host")+len(r.Host)+fieldFrame
	for name, values := range r.Header {
		if name == traceparent {
			continue
		}
		fields += len(values)
		for _, value := range values {
			size += len(name) + len(value) + fieldFrame
		}
	}
	return fields, size
}

// canonical lets only paths pass that every parser reads in the same way.
func canonical(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.RequestURI == "*" { // OPTIONS *: about the server, RFC 9110 section 9.3.7
			next.ServeHTTP(w, r)
			return
		}
		path, ok := domain.CanonicalPath(r.URL.EscapedPath())
		if !ok {
			problem.Write(w, r, errPath)
			return
		}
		r.URL.Path, r.URL.RawPath = path, ""
		next.ServeHTTP(w, r)
	})
}
