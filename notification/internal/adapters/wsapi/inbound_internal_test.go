package wsapi

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"
	"unicode/utf8"

	"github.com/gobwas/ws"
)

const fuzzLimit = 4 << 10

// take feeds the stream cut at every position that cuts names, and tells what was understood.
func take(stream, cuts []byte) (events []string, err error) {
	in := &inbound{limit: fuzzLimit}
	on := func(op ws.OpCode, payload []byte) error {
		if op == ws.OpText && (len(payload) > fuzzLimit || !utf8.Valid(payload)) {
			return fmt.Errorf("a message of %d bytes, UTF-8 %t", len(payload), utf8.Valid(payload))
		}
		events = append(events, fmt.Sprintf("%x %q", op, payload))
		return nil
	}
	stream = bytes.Clone(stream)
	for _, cut := range append(cuts, 255) {
		n := min(int(cut), len(stream))
		if cut == 255 {
			n = len(stream)
		}
		if err := in.feed(stream[:n:n], on); err != nil {
			return events, err
		}
		if cap(in.message) > 4*fuzzLimit {
			return events, fmt.Errorf("%d bytes are held", cap(in.message))
		}
		stream = stream[n:]
	}
	return events, nil
}

// FuzzFrames: whatever comes, it is a violation or it is understood, and in the
// same way however it was cut.
func FuzzFrames(f *testing.F) {
	text := ws.MustCompileFrame(ws.MaskFrame(ws.NewTextFrame([]byte(`{"type":"ping"}`))))
	first := ws.NewFrame(ws.OpText, false, []byte("h\xc3"))
	rest := ws.NewFrame(ws.OpContinuation, true, []byte("\xa9llo"))
	f.Add(text, []byte{1, 2, 3})
	f.Add(append(ws.MustCompileFrame(ws.MaskFrame(first)), ws.MustCompileFrame(ws.MaskFrame(rest))...), []byte{7})
	f.Add(ws.MustCompileFrame(ws.MaskFrame(ws.NewPingFrame([]byte("x")))), []byte{})
	f.Add(ws.MustCompileFrame(ws.MaskFrame(ws.NewCloseFrame(ws.NewCloseFrameBody(1000, "bye")))), []byte{5, 1})
	f.Add(binary.BigEndian.AppendUint64([]byte{0x81, 0xff}, 1<<30), []byte{10})
	f.Fuzz(func(t *testing.T, stream, cuts []byte) {
		whole, wholeErr := take(stream, nil)
		cut, cutErr := take(stream, cuts)
		if fmt.Sprint(whole) != fmt.Sprint(cut) || fmt.Sprint(wholeErr) != fmt.Sprint(cutErr) {
			t.Errorf("whole: %v %v\ncut:   %v %v", whole, wholeErr, cut, cutErr)
		}
		if _, ok := errors.AsType[*violation](wholeErr); wholeErr != nil && !ok {
			t.Error(wholeErr)
		}
	})
}

// FuzzClientFrame: no message, however odd, does more than fail to parse.
func FuzzClientFrame(f *testing.F) {
	for _, seed := range []string{
		`{"type":"auth","token":"t"}`, `{"type":"resume","after":1}`, `{"type":"ack","ids":["a"]}`, `{"type":"ack","seq":1e400}`,
		`{"Type":"ping"}`, `{"type":"ping","type":"pong"}`, "{\"type\":\"\\u0000\"}", `[[[[[[`, `null`, "\xff",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		frame, err := parse(bytes.Clone(text))
		if err != nil && (!errors.Is(err, errMalformed) || frame.Type != "") {
			t.Errorf("%q gives %v, %v", text, frame, err)
		}
	})
}
