package world

import (
	"encoding/json"
	"io"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
)

// Next reads one data frame; pings are answered on the way. A close frame is a wsutil.ClosedError.
func (s *Socket) Next(limit time.Duration) (Frame, error) {
	if err := s.conn.SetReadDeadline(time.Now().Add(limit)); err != nil {
		return Frame{}, err
	}
	reader := wsutil.Reader{Source: s.in, State: ws.StateClientSide, CheckUTF8: true, OnIntermediate: s.control}
	for {
		header, err := reader.NextFrame()
		if err != nil {
			return Frame{}, err
		}
		if header.OpCode.IsControl() {
			if err := s.control(header, &reader); err != nil {
				return Frame{}, err
			}
			continue
		}
		text, err := io.ReadAll(&reader)
		if err != nil {
			return Frame{}, err
		}
		s.check(text)
		frame := Frame{Raw: text}
		return frame, json.Unmarshal(text, &frame)
	}
}

// control answers pings and closes. The library's own handler refuses close
// codes that were registered after RFC 6455, such as 1012.
func (s *Socket) control(header ws.Header, payload io.Reader) error {
	text, err := io.ReadAll(io.LimitReader(payload, header.Length))
	if err != nil {
		return err
	}
	switch header.OpCode {
	case ws.OpPing:
		return wsutil.WriteClientMessage(s.conn, ws.OpPong, text)
	case ws.OpClose:
		code, reason := ws.ParseCloseFrameData(text)
		_ = wsutil.WriteClientMessage(s.conn, ws.OpClose, text[:min(len(text), 2)]) // the other side may have gone
		return wsutil.ClosedError{Code: code, Reason: reason}
	}
	return nil
}

// check holds a message against the AsyncAPI file, unless time is measured.
func (s *Socket) check(text []byte) {
	if s.t.Context().Value(leniency{}) == everything {
		return
	}
	contract, err := SocketContract()
	if err == nil {
		err = contract.CheckHeard(text)
	}
	if err != nil {
		s.t.Errorf("the socket's contract: %v", err)
	}
}
