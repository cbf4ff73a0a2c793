package wsapi

import (
	"context"
	"errors"
	"time"

	"github.com/loveapp/backend/notification/internal/app"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/strictjson"
)

// clientFrame is whatever a client may say.
type clientFrame struct {
	Type  string    `json:"type"`
	Token string    `json:"token"`
	After *int64    `json:"after"`
	Seq   *int64    `json:"seq"`
	IDs   *[]string `json:"ids"`
	Room  string    `json:"room"`
}

// maxAckIDs is how many notifications one ack names.
const maxAckIDs = 500

// errMalformed: the frame is none of those that clients may send.
var errMalformed = errors.New("wsapi: malformed message")

func parse(text []byte) (clientFrame, error) {
	var f clientFrame
	if err := strictjson.Unmarshal(text, &f); err != nil {
		return clientFrame{}, errMalformed
	}
	return f, nil
}

// text takes one message. Until the client is known it must be the
// authentication, after that anything else that the protocol has.
func (s *socket) text(payload []byte) error {
	s.server.metrics.received.Inc()
	frame, err := parse(payload)
	session := s.session.Load()
	if session == nil {
		return s.authenticate(frame, err)
	}
	if err == nil {
		err = s.answer(session, frame)
	}
	if errors.Is(err, errMalformed) {
		return s.complain()
	}
	return err
}

// complain answers nonsense; enough of it ends the connection.
func (s *socket) complain() error {
	s.say(errorFrame{Type: "error", Code: "malformed_message", Detail: "This message is not understood."})
	if s.malformed++; s.malformed >= s.server.limits.Malformed {
		return errNonsense
	}
	return nil
}

func (s *socket) answer(session *app.Session, f clientFrame) error {
	switch f.Type {
	case "resume":
		return s.resume(session, f)
	case "ack":
		return s.ack(session, f)
	case "refresh":
		return s.refresh(session, f)
	case "join", "leave":
		return s.room(session, f)
	case "ping":
		s.write(pong, false)
		return nil
	}
	return errMalformed
}

func (s *socket) resume(session *app.Session, f clientFrame) error {
	if f.After == nil || *f.After < 0 {
		return errMalformed
	}
	if err := session.Resume(s.server.ctx, domain.Seq(*f.After)); err != nil {
		s.failed(err)
	}
	return nil
}

// ackTime bounds noting an ack, or the wait for others to be noted.
const ackTime = 5 * time.Second

func (s *socket) ack(session *app.Session, f clientFrame) error {
	ctx, cancel := context.WithTimeout(s.server.ctx, ackTime)
	defer cancel()
	var err error
	switch {
	case f.Seq != nil && f.IDs == nil && *f.Seq >= 0:
		err = session.AckThrough(ctx, domain.Seq(*f.Seq))
	case f.IDs != nil && f.Seq == nil && len(*f.IDs) <= maxAckIDs:
		err = session.AckIDs(ctx, knownForm(*f.IDs))
	default:
		return errMalformed
	}
	if err != nil {
		s.failed(err)
	}
	return nil
}

// knownForm leaves out what cannot be the id of a notification.
func knownForm(texts []string) []domain.NotificationID {
	ids := make([]domain.NotificationID, 0, len(texts))
	for _, text := range texts {
		if id, ok := domain.ParseNotificationID(text); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// maxRoomName is the longest name of a room that is answered, in bytes.
const maxRoomName = 128

func (s *socket) room(session *app.Session, f clientFrame) error {
	if f.Room == "" || len(f.Room) > maxRoomName {
		return errMalformed
	}
	var err error
	if f.Type == "join" {
		err = session.Join(s.server.ctx, f.Room)
	} else {
		err = session.Leave(f.Room)
	}
	if err != nil {
		s.failedIn(f.Room, err)
	}
	return nil
}

// failed tells the client that its request was understood and could not be done.
func (s *socket) failed(err error) { s.failedIn("", err) }

func (s *socket) failedIn(room string, err error) {
	if errors.Is(err, errClosed) || s.server.ctx.Err() != nil {
		return
	}
	f := fault.From(err)
	if f.Kind == fault.Internal {
		s.server.logger.Error("a socket's request failed", "error", err)
	}
	s.say(errorFrame{Type: "error", Code: f.Code, Detail: f.Detail, Room: room})
}

func (s *socket) say(v any) { s.write(textFrame(v), false) }
