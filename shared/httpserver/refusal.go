package httpserver

import (
	"bytes"
	"io"
	"net/http"
	"time"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/problem"
)

// Refusal is a whole answer as it goes over the wire, with all that the answers
// of handlers have: for a request that net/http refuses before it asks one.
func Refusal(status int, code, detail string) []byte {
	now := time.Now()
	id := newRequestID(now)
	body := problem.Document(fault.New(fault.Malformed, code, detail), status, id)
	answer := http.Response{
		StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, Header: make(http.Header), Close: true,
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
	}
	securityHeaders(answer.Header, id)
	answer.Header.Set("Content-Type", problem.ContentType)
	answer.Header.Set("Cache-Control", "no-store")
	answer.Header.Set("Date", now.UTC().Format(http.TimeFormat))
	var b bytes.Buffer
	_ = answer.Write(&b) // into memory: cannot fail
	return b.Bytes()
}
