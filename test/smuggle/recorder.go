package main

import (
	"bufio"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/test/world"
)

// recorder is a service that reads as leniently as any, writes down what it
// reads, and answers 200 to it.
type recorder struct {
	addr string

	mu  sync.Mutex
	got []*message
}

// message is a request as the service got it.
type message struct {
	head, body string
	whole      bool // all of the body came
}

func listen(t world.T) *recorder {
	t.Helper()
	l, err := httpserver.Listen(t.Context(), "127.0.0.1", 0)
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	r := &recorder{addr: l.Addr().String()}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			group.Go(func() { r.serve(conn) })
		}
	})
	t.Cleanup(func() { _ = l.Close() }) // the connections end with those who opened them
	return r
}

const longest = time.Minute

func (r *recorder) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	reader := bufio.NewReader(conn)
	for {
		_ = conn.SetDeadline(time.Now().Add(longest))
		m, err := readHead(reader)
		if err != nil {
			return
		}
		if !own(m) {
			r.note(m)
		}
		if r.readBody(reader, m) != nil {
			return
		}
		if _, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"); err != nil {
			return
		}
	}
}

// own tells whether the gateway asks for itself.
func own(m *message) bool {
	return strings.HasPrefix(m.head, "GET /health/") || strings.HasPrefix(m.head, "GET /internal/openapi ")
}

func (r *recorder) note(m *message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, m)
}

func (r *recorder) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = nil
}

func (r *recorder) messages() []message {
	r.mu.Lock()
	defer r.mu.Unlock()
	copies := make([]message, 0, len(r.got))
	for _, m := range r.got {
		copies = append(copies, *m)
	}
	return copies
}

func readHead(reader *bufio.Reader) (*message, error) {
	m := &message{}
	for {
		line, err := reader.ReadString('\n')
		m.head += line
		if err != nil {
			return nil, err
		}
		if strings.Trim(line, "\r\n") == "" {
			return m, nil
		}
	}
}

// readBody takes whatever looks like chunks for chunks, else the first length that there is.
func (r *recorder) readBody(reader *bufio.Reader, m *message) error {
	var body string
	var err error
	if f := m.fields(); strings.Contains(strings.ToLower(strings.Join(f["transfer-encoding"], ",")), "chunked") {
		body, err = readChunks(reader)
	} else if lengths := f["content-length"]; len(lengths) > 0 {
		n, _ := strconv.Atoi(strings.TrimSpace(lengths[0]))
		raw := make([]byte, max(0, min(n, 1<<20)))
		n, err = io.ReadFull(reader, raw)
		body = string(raw[:n])
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	m.body, m.whole = body, err == nil
	return err
}

// readChunks gives the chunks as they are, sizes included.
func readChunks(reader *bufio.Reader) (raw string, err error) {
	for {
		line, err := reader.ReadString('\n')
		raw += line
		if err != nil {
			return raw, err
		}
		size, _, _ := strings.Cut(strings.TrimSpace(line), ";")
		n, err := strconv.ParseInt(size, 16, 32)
		if err != nil || n == 0 {
			rest, err := readHead(reader) // trailers
			if err == nil {
				raw += rest.head
			}
			return raw, err
		}
		chunk := make([]byte, n+int64(len("\r\n")))
		if _, err := io.ReadFull(reader, chunk); err != nil {
			return raw, err
		}
		raw += string(chunk)
	}
}

// fields are the headers by lower-case name, spaces before the colon forgiven.
func (m message) fields() map[string][]string {
	fields := make(map[string][]string)
	lines := strings.Split(strings.ReplaceAll(m.head, "\r\n", "\n"), "\n")
	for _, line := range lines[1:] {
		if name, value, found := strings.Cut(line, ":"); found {
			name = strings.ToLower(strings.TrimSpace(name))
			fields[name] = append(fields[name], value)
		}
	}
	return fields
}
