package wsapi

import (
	"github.com/loveapp/backend/notification/internal/app"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/wire"
	"github.com/loveapp/backend/shared/fault"
)

func (s *socket) authenticate(frame clientFrame, err error) error {
	if err != nil || frame.Type != "auth" {
		return errUnauthorized
	}
	p, err := s.server.verify(frame.Token)
	if err != nil {
		return refused(err)
	}
	s.connect(p, nil)
	return nil
}

// refused: what is wrong with a token says the code's reason, in the words of the HTTP API.
func refused(err error) error {
	f := fault.From(err)
	if f.Kind == fault.Unauthenticated {
		return &violation{statusUnauthenticated, f.Code}
	}
	return &violation{statusTryAgainLater, "tokens cannot be checked at the moment"}
}

func (s *socket) refresh(session *app.Session, f clientFrame) error {
	p, err := s.server.verify(f.Token)
	if err != nil {
		if fault.From(err).Kind != fault.Unauthenticated {
			s.failed(err) // the old token goes on until it ends
			return nil
		}
		return refused(err)
	}
	if !session.Refresh(p) {
		s.Close(domain.OtherIdentity)
		return errClosed
	}
	s.say(refreshedFrame{"refreshed", wire.Time(p.ExpiresAt)})
	s.server.wheel.schedule(s, 0) // the new end may be nearer than what the wheel waits for
	return nil
}
