package tinyapp

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"

	"github.com/gobwas/ws"

	"github.com/loveapp/backend/shared/idgen"
)

// Notify puts a notification on somebody's socket.
func (a *App) Notify(user string, data map[string]string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	conn := a.sockets[user]
	if conn == nil || a.deaf[user] {
		return
	}
	a.seq[user]++
	text, _ := json.Marshal(map[string]any{ // of strings and numbers, which always encode
		"type": "notification", "seq": a.seq[user], "notification": map[string]any{"id": idgen.NewV7(), "seq": a.seq[user], "data": data},
	})
	_ = write(conn, ws.NewTextFrame(text)) // a socket that has gone is noticed by its reader
}

// Ping sends every socket a ping.
func (a *App) Ping() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, conn := range a.sockets {
		_ = write(conn, ws.NewPingFrame([]byte("hi"))) // as above
	}
}

func write(conn net.Conn, f ws.Frame) error {
	text, err := ws.CompileFrame(f)
	if err != nil {
		return err
	}
	_, err = conn.Write(text)
	return err
}

func (a *App) upgrade(w http.ResponseWriter, r *http.Request) {
	user, err := a.user(r)
	if err != nil {
		http.Error(w, "who?", http.StatusUnauthorized)
		return
	}
	conn, buffered, _, err := ws.UpgradeHTTP(r, w)
	if err != nil {
		return
	}
	a.serving.Go(func() { a.hold(user, conn, buffered.Reader) })
}

// longestFrame of a client.
const longestFrame = 64 << 10

// hold greets and reads until the client hangs up.
func (a *App) hold(user string, conn net.Conn, in io.Reader) {
	a.mu.Lock()
	a.sockets[user] = conn
	_ = write(conn, ws.NewTextFrame([]byte(`{"type":"connected","seq":`+strconv.FormatInt(a.seq[user], 10)+`}`)))
	a.mu.Unlock()
	defer func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.sockets, user)
		_ = conn.Close()
	}()
	for {
		header, err := ws.ReadHeader(in)
		if err != nil {
			return
		}
		if !header.Masked || header.Length > longestFrame {
			panic(fmt.Sprintf("a client sends a frame that no server takes: %+v", header))
		}
		payload := make([]byte, header.Length)
		if _, err := io.ReadFull(in, payload); err != nil {
			return
		}
		a.count(ws.UnmaskFrameInPlace(ws.Frame{Header: header, Payload: payload}))
	}
}

func (a *App) count(frame ws.Frame) {
	var said struct {
		Type string `json:"type"`
	}
	_ = json.Unmarshal(frame.Payload, &said) // a pong is none
	switch {
	case frame.Header.OpCode == ws.OpPong:
		a.pongs.Add(1)
	case said.Type == "ack":
		a.acks.Add(1)
	case said.Type == "resume":
		a.resumes.Add(1)
	}
}
