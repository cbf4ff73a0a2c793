package httpapi

import (
	"bytes"
	"net/http"
	"strconv"

	"github.com/loveapp/backend/shared/httpserver"
)

// longestBare is more than any answer has that net/http gives by itself, in
// bytes, and less than one with this backend's headers.
const longestBare = 300

// Write replaces what net/http answers by itself to a request that it cannot
// read: a bare text, where every answer of this backend is a problem document.
func (c *recorder) Write(p []byte) (int, error) {
	status, bare := bareRefusal(p)
	if !bare {
		return c.Conn.Write(p)
	}
	if _, err := c.Conn.Write(httpserver.Refusal(status, refusalCode(status), "The request cannot be read: it does not follow HTTP, or asks of it what is not taken here.")); err != nil {
		return 0, err
	}
	return len(p), nil
}

// bareRefusal tells whether p is the whole answer to a request that no handler
// was asked about: those of handlers have an X-Request-Id.
func bareRefusal(p []byte) (status int, bare bool) {
	if len(p) > longestBare || !bytes.HasPrefix(p, []byte("HTTP/1.")) || len(p) < len("HTTP/1.1 400 ") {
		return 0, false
	}
	status, err := strconv.Atoi(string(p[9:12]))
	return status, err == nil && status >= http.StatusBadRequest &&
		bytes.Contains(p, []byte("\r\nConnection: close\r\n")) && !bytes.Contains(p, []byte("\r\nX-Request-Id: "))
}

func refusalCode(status int) string {
	switch status {
	case http.StatusExpectationFailed:
		return "expectation_failed"
	case http.StatusRequestHeaderFieldsTooLarge:
		return errHeaders.Code
	case http.StatusNotImplemented:
		return "not_implemented"
	case http.StatusHTTPVersionNotSupported:
		return "http_version_not_supported"
	default:
		return "malformed_request"
	}
}
