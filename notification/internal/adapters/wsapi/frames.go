package wsapi

import (
	"bytes"
	"encoding/json"

	"github.com/gobwas/ws"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/wire"
)

var (
	ping = ws.CompiledPing
	pong = textFrame(kindOnly{"pong"})
)

// What the server says, as it is written.
type (
	kindOnly struct {
		Type string `json:"type"`
	}
	connectedFrame struct {
		Type         string    `json:"type"`
		ConnectionID string    `json:"connectionId"`
		UserID       string    `json:"userId"`
		Seq          int64     `json:"seq"`
		ExpiresAt    wire.Time `json:"expiresAt"`
	}
	notificationFrame struct {
		Type         string            `json:"type"`
		Seq          int64             `json:"seq"`
		Notification wire.Notification `json:"notification"`
	}
	seqFrame struct {
		Type string `json:"type"`
		Seq  int64  `json:"seq"`
	}
	changeFrame struct {
		Type        string                  `json:"type"`
		IDs         []domain.NotificationID `json:"ids"`
		UnreadCount int                     `json:"unreadCount"`
	}
	refreshedFrame struct {
		Type      string    `json:"type"`
		ExpiresAt wire.Time `json:"expiresAt"`
	}
	reconnectFrame struct {
		Type         string `json:"type"`
		RetryAfterMS int64  `json:"retryAfterMs"`
	}
	roomFrame struct {
		Type string `json:"type"`
		Room string `json:"room"`
		Code string `json:"code,omitempty"`
	}
	eventFrame struct {
		Type  string          `json:"type"`
		Room  string          `json:"room"`
		Event string          `json:"event"`
		ID    string          `json:"id"`
		At    wire.Time       `json:"at"`
		Data  json.RawMessage `json:"data"`
	}
	errorFrame struct {
		Type   string `json:"type"`
		Code   string `json:"code"`
		Detail string `json:"detail"`
		Room   string `json:"room,omitempty"`
	}
)

// encode gives a message of the service its frame.
func encode(m domain.Message) []byte {
	if _, v := said(m); v != nil {
		return textFrame(v)
	}
	return nil
}

// said is what a message of the service says, and its type.
func said(m domain.Message) (kind string, v any) {
	switch m := m.(type) {
	case domain.Connected:
		return "connected", connectedFrame{"connected", string(m.Socket), string(m.User), int64(m.Newest), wire.Time(m.ExpiresAt)}
	case domain.Notified:
		return "notification", notificationFrame{"notification", int64(m.Seq), wire.Of(m.Notification)}
	case domain.Resumed:
		return "resumed", seqFrame{"resumed", int64(m.Seq)}
	case domain.Reset:
		return "reset", seqFrame{"reset", int64(m.Seq)}
	case domain.Changed:
		return string(m.Kind), changeFrame{string(m.Kind), m.IDs, m.Unread}
	case domain.Joined:
		return "joined", roomFrame{Type: "joined", Room: string(m.Room)}
	case domain.Left:
		return "left", leftFrame(m)
	case domain.Happened:
		return "event", eventFrame{"event", string(m.Room), m.Name, m.ID, wire.Time(m.At), m.Data}
	}
	return "", nil
}

// leftFrame: who was put out is told so.
func leftFrame(m domain.Left) roomFrame {
	f := roomFrame{Type: "left", Room: string(m.Room)}
	if m.Closed {
		f.Code = "room_closed"
	}
	return f
}

// textFrame compiles v, one of the above, into a frame.
func textFrame(v any) []byte {
	text := jsonText(v)
	if text == nil {
		return nil
	}
	return ws.MustCompileFrame(ws.NewTextFrame(text))
}

// jsonText is v on one line.
func jsonText(v any) []byte {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false) // it is no HTML, and six bytes for each < add up
	if err := enc.Encode(v); err != nil {
		return nil // data that is no JSON: the store takes none
	}
	return bytes.TrimSuffix(text.Bytes(), []byte{'\n'})
}

func pongFrame(payload []byte) []byte { return ws.MustCompileFrame(ws.NewPongFrame(payload)) }

func closeFrame(code ws.StatusCode, reason string) []byte {
	if code == 0 {
		return ws.CompiledClose
	}
	return ws.MustCompileFrame(ws.NewCloseFrame(ws.NewCloseFrameBody(code, reason)))
}
