package client

import (
	"bytes"
	"net/http"
	"strconv"
)

// Request is what is sent. Only Method and Path are required.
type Request struct {
	Method, Path string
	Token        string // bearer
	Device       string // X-Device-Token
	Key          string // Idempotency-Key
	Body         []byte // JSON
	Keep         bool   // the answer's body is wanted
}

// repeatable as RFC 9110 section 9.2.2 says, or by its key.
func (r Request) repeatable() bool { return r.Method == http.MethodGet || r.Key != "" }

func (r Request) write(b *bytes.Buffer, host string) {
	b.WriteString(r.Method)
	b.WriteByte(' ')
	b.WriteString(r.Path)
	b.WriteString(" HTTP/1.1\r\n")
	field(b, "Host", host)
	field(b, "User-Agent", "loveapp-load")
	if r.Token != "" {
		field(b, "Authorization", "Bearer "+r.Token)
	}
	if r.Device != "" {
		field(b, "X-Device-Token", r.Device)
	}
	if r.Key != "" {
		field(b, "Idempotency-Key", r.Key)
	}
	if r.Body != nil {
		field(b, "Content-Type", "application/json")
	}
	if r.Method != http.MethodGet {
		field(b, "Content-Length", strconv.Itoa(len(r.Body)))
	}
	b.WriteString("\r\n")
	b.Write(r.Body)
}

func field(b *bytes.Buffer, name, value string) {
	b.WriteString(name)
	b.WriteString(": ")
	b.WriteString(value)
	b.WriteString("\r\n")
}
