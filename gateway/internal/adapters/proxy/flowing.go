package proxy

import (
	"net/http"
	"time"
)

// flowing is the answer to a stream: without an end of its own, and so bounded
// by how long its client takes for each piece.
type flowing struct{ http.ResponseWriter }

// Write gives the client its time for this piece.
func (f flowing) Write(b []byte) (int, error) {
	f.giveTime()
	return f.ResponseWriter.Write(b)
}

// giveTime is also for what net/http writes when the stream has ended.
func (f flowing) giveTime() {
	_ = http.NewResponseController(f.ResponseWriter).SetWriteDeadline(time.Now().Add(stalled))
}

// Unwrap lets http.ResponseController reach the connection.
func (f flowing) Unwrap() http.ResponseWriter { return f.ResponseWriter }
