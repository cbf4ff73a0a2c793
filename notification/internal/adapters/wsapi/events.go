package wsapi

import (
	"bytes"
	"strconv"
	"time"

	"github.com/gobwas/ws"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

// A stream says in events (WHATWG HTML section 9.2) what a socket says in
// frames: the type is the event's, the message its data. The id is the seq up to
// which nothing is missing, so that whoever comes back with the last one misses
// nothing: what overtakes others has none.

// comment is what a stream sends instead of pings: proxies close what is silent.
var comment = []byte(":\n\n")

type closeText struct {
	Type   string        `json:"type"`
	Code   ws.StatusCode `json:"code"`
	Reason string        `json:"reason"`
}

// sendEvent is Send of a stream. Whether something waits, which an urgent
// message would overtake, is known under the lock only.
func (s *socket) sendEvent(out *ports.Outgoing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	form, write := ports.Event, encodeEvent
	if out.Ahead || out.Urgent && s.queue != nil {
		form, write = ports.Aside, encodeAside
	}
	if text := out.Wire(form, write); text != nil {
		s.writeLocked(text, out.Urgent)
	}
}

func encodeEvent(m domain.Message) []byte {
	kind, v := said(m)
	return eventText(kind, cursorAfter(m), 0, v)
}

func encodeAside(m domain.Message) []byte {
	kind, v := said(m)
	return eventText(kind, nil, 0, v)
}

// cursorAfter is the seq up to which a client has had everything once it has had
// m; nil where m says nothing about that.
func cursorAfter(m domain.Message) *domain.Seq {
	switch m := m.(type) {
	case domain.Connected:
		if !m.Resumes {
			return &m.Newest
		}
	case domain.Notified:
		return &m.Seq
	case domain.Resumed:
		return &m.Seq
	case domain.Reset:
		return &m.Seq
	}
	return nil
}

// eventText is one as it is written. JSON has no line break within.
func eventText(kind string, id *domain.Seq, retry time.Duration, v any) []byte {
	text := jsonText(v)
	if kind == "" || text == nil {
		return nil
	}
	var b bytes.Buffer
	b.WriteString("event: " + kind + "\n")
	if id != nil {
		b.WriteString("id: " + strconv.FormatInt(int64(*id), 10) + "\n")
	}
	if retry > 0 {
		b.WriteString("retry: " + strconv.FormatInt(retry.Milliseconds(), 10) + "\n")
	}
	b.WriteString("data: ")
	b.Write(text)
	b.WriteString("\n\n")
	return b.Bytes()
}

// closeEvent says why a stream ends, in the words of a socket's close frame.
func closeEvent(code ws.StatusCode, reason string) []byte {
	return eventText("close", nil, 0, closeText{"close", code, reason})
}

// advise tells the client when to come back.
func (s *socket) advise(after time.Duration) {
	advice := reconnectFrame{"reconnect", after.Milliseconds()}
	if s.stream {
		s.write(eventText("reconnect", nil, max(after, time.Millisecond), advice), false)
		return
	}
	s.say(advice)
}

// owesAnswer: a socket answers pings. A stream cannot; of one that takes what
// it is sent nothing is known, and one that does not has gone.
func (s *socket) owesAnswer() bool {
	if !s.stream {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queue != nil
}
