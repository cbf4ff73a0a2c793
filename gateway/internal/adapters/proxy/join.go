package proxy

import (
	"bytes"
	"net"
	"net/http"
	"time"
)

// joinTimeout bounds the few bytes that pass before the tunnel runs by itself.
const joinTimeout = 5 * time.Second

// join takes the client's connection over, passes on what either side has
// already sent, and leaves the rest to a tunnel, so that the handler and all
// that net/http holds for it can go.
func (p *Proxy) join(w http.ResponseWriter, up *upstream) error {
	answer := switching(w.Header(), up.resp.Header)
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		up.close()
		return err
	}
	client, early := bare(conn), up.early()
	up.frames.pass(early)
	sent, _ := buffered.Reader.Peek(buffered.Reader.Buffered())
	if !write(client, append(answer, early...)) || !write(up.conn, sent) || !p.tunnels.open(client, up) {
		_ = client.Close()
		up.close()
	}
	return nil
}

// switching is the 101 as the client gets it.
func switching(ours, theirs http.Header) []byte {
	cleanAnswer(theirs)
	var b bytes.Buffer
	b.WriteString("HTTP/1.1 101 Switching Protocols\r\n")
	_ = ours.Write(&b) // into memory: cannot fail
	_ = theirs.Write(&b)
	b.WriteString("\r\n")
	return b.Bytes()
}

// wrapper is a connection that the gateway's own listener has put something around.
type wrapper interface{ Unwrapped() net.Conn }

func bare(conn net.Conn) net.Conn {
	if w, ok := conn.(wrapper); ok {
		return w.Unwrapped()
	}
	return conn
}

func write(conn net.Conn, b []byte) bool {
	_ = conn.SetDeadline(time.Now().Add(joinTimeout))
	_, err := conn.Write(b)
	_ = conn.SetDeadline(time.Time{})
	return err == nil
}
