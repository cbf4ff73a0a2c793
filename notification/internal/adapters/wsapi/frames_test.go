package wsapi_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/adapters/wsapi"
	"github.com/loveapp/backend/notification/internal/wstest"
)

func TestWhatBreaksTheProtocolClosesWithItsCode(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	long := bytes.Repeat([]byte("a"), 40_000)
	text := func(payload string, more bool) wstest.Frame {
		return wstest.Frame{Op: wstest.Text, Payload: []byte(payload), More: more}
	}
	cases := map[string]struct {
		code   int
		frames []wstest.Frame
	}{
		"binary":                          {1003, []wstest.Frame{{Op: wstest.Binary, Payload: []byte("x")}}},
		"empty binary":                    {1003, []wstest.Frame{{Op: wstest.Binary}}},
		"unmasked":                        {1002, []wstest.Frame{{Op: wstest.Text, Payload: []byte("{}"), Unmasked: true}}},
		"reserved bit":                    {1002, []wstest.Frame{{Op: wstest.Text, Payload: []byte("{}"), Rsv: 4}}},
		"reserved data opcode":            {1002, []wstest.Frame{{Op: 0x3}}},
		"reserved control opcode":         {1002, []wstest.Frame{{Op: 0xb}}},
		"fragmented ping":                 {1002, []wstest.Frame{{Op: wstest.Ping, More: true}}},
		"long ping":                       {1002, []wstest.Frame{{Op: wstest.Ping, Payload: make([]byte, 126)}}},
		"continuation of nothing":         {1002, []wstest.Frame{{Op: wstest.Continuation, Payload: []byte("{}")}}},
		"a message in a message":          {1002, []wstest.Frame{text("{", true), text("}", false)}},
		"length in more bytes than due":   {1002, []wstest.Frame{{Op: wstest.Text, Payload: []byte("{}"), Wide: true}}},
		"negative length":                 {1002, []wstest.Frame{{Op: wstest.Text, Length: -1 << 63, Wide: true}}},
		"too long":                        {1009, []wstest.Frame{{Op: wstest.Text, Length: 64<<10 + 1}}},
		"too long in all":                 {1009, []wstest.Frame{{Op: wstest.Text, Payload: long, More: true}, {Op: wstest.Continuation, Payload: long}}},
		"no UTF-8":                        {1007, []wstest.Frame{text("{\"type\":\"\xff\"}", false)}},
		"a surrogate":                     {1007, []wstest.Frame{text("\xed\xa0\x80", false)}},
		"overlong":                        {1007, []wstest.Frame{text("\xc0\xaf", false)}},
		"a character cut at the end":      {1007, []wstest.Frame{text("\xf0\x9f\x9a", false)}},
		"no UTF-8 in an unfinished frame": {1007, []wstest.Frame{{Op: wstest.Text, Payload: []byte("abc\xff"), Length: 100}}},
		"no UTF-8 in the first of two":    {1007, []wstest.Frame{text("\xfe", true)}},
		"close of one byte":               {1002, []wstest.Frame{{Op: wstest.Close, Payload: []byte{3}}}},
		"close with no UTF-8":             {1007, []wstest.Frame{{Op: wstest.Close, Payload: []byte("\x03\xe8\xff")}}},
	}
	for _, code := range []uint16{0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535} {
		payload := binary.BigEndian.AppendUint16(nil, code)
		cases[fmt.Sprint("close ", code)] = struct {
			code   int
			frames []wstest.Frame
		}{1002, []wstest.Frame{{Op: wstest.Close, Payload: payload}}}
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := s.connect(newID())
			for _, f := range c.frames {
				client.SendFrame(f)
			}
			client.ExpectClose(c.code)
		})
	}
}

func TestACloseIsAnsweredWithItsCode(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	for _, code := range []uint16{1000, 1001, 1003, 1007, 1011, 1012, 1013, 1014, 3000, 4999} {
		client := s.connect(newID())
		client.SendFrame(wstest.Frame{Op: wstest.Close, Payload: append(binary.BigEndian.AppendUint16(nil, code), "bye"...)})
		client.ExpectClose(int(code))
	}
	client := s.connect(newID())
	client.SendFrame(wstest.Frame{Op: wstest.Close})
	client.ExpectClose(1005) // none: the answer has none either
}

func TestPingsAreAnsweredAlsoInTheMiddleOfAMessage(t *testing.T) {
	t.Parallel()
	client := start(t, settings{}).connect(newID())
	client.SendFrame(wstest.Frame{Op: wstest.Text, Payload: []byte(`{"type":`), More: true})
	for _, payload := range []string{"", "hello", strings.Repeat("p", 125)} {
		client.SendFrame(wstest.Frame{Op: wstest.Ping, Payload: []byte(payload)})
		f, err := client.ReadFrame(wstest.Patience)
		if err != nil || f.Op != wstest.Pong || string(f.Payload) != payload {
			t.Errorf("ping %q is answered %v, %v", payload, f, err)
		}
	}
	client.SendFrame(wstest.Frame{Op: wstest.Pong, Payload: []byte("nobody asked")})
	client.SendFrame(wstest.Frame{Op: wstest.Continuation, More: true})
	client.SendFrame(wstest.Frame{Op: wstest.Continuation, Payload: []byte(`"ping"}`)})
	client.Expect("pong")
}

func TestAMessageMayComeInAnyPieces(t *testing.T) {
	t.Parallel()
	client := start(t, settings{}).connect(newID())
	message := []byte(`{"type":"join","room":"é🚑"}`)
	var stream []byte
	for i := range message { // each byte a frame of its own: characters are cut
		op := wstest.Continuation
		if i == 0 {
			op = wstest.Text
		}
		stream = append(stream, wstest.Frame{Op: op, Payload: message[i : i+1], More: i < len(message)-1}.Bytes()...)
	}
	stream = append(stream, wstest.Frame{Op: wstest.Text, Payload: message}.Bytes()...)
	for len(stream) > 0 {
		n := min(1+rand.IntN(5), len(stream))
		client.SendBytes(stream[:n])
		stream = stream[n:]
	}
	for range 2 {
		if m := client.Expect("error"); m.Room != "é🚑" {
			t.Errorf("understood %s", m.Raw)
		}
	}
}

func TestAMessageOfTheLargestSizeIsTaken(t *testing.T) {
	t.Parallel()
	client := start(t, settings{}).connect(newID())
	const frame = `{"type":"ping","padding":""}`
	client.Send(strings.Replace(frame, `""`, `"`+strings.Repeat("x", 64<<10-len(frame))+`"`, 1))
	client.Expect("pong")
}

// A frame of 14 bytes may announce 2^63: that must cost nothing.
//
//nolint:paralleltest // it measures the whole process
func TestAnAnnouncedLengthAllocatesNothing(t *testing.T) {
	s := start(t, settings{})
	clients := make([]*wstest.Client, 50)
	for i := range clients {
		clients[i] = s.connect(newID())
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i, client := range clients {
		client.SendFrame(wstest.Frame{Op: wstest.Text, Length: 1 << 30, More: i%2 == 0})
	}
	for _, client := range clients {
		client.ExpectClose(1009)
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 8<<20 {
		t.Errorf("%d KiB were allocated for %d frames of a GiB", grown>>10, len(clients))
	}
}

func TestAMessageThatIsNeverFinishedCloses(t *testing.T) {
	t.Parallel()
	s := start(t, settings{limits: wsapi.Limits{Ping: 300 * time.Millisecond}})
	client := s.connect(newID())
	client.SendBytes(wstest.Frame{Op: wstest.Text, Payload: []byte(`{"type":"ping"}`)}.Bytes()[:8])
	for { // a pong to the pings on the way would be taken for the rest of the message
		f, err := client.ReadFrame(wstest.Patience)
		if err != nil {
			t.Fatal(err)
		}
		if f.Op != wstest.Close {
			continue
		}
		if code := binary.BigEndian.Uint16(f.Payload); code != 1008 {
			t.Errorf("closed with %d, want 1008", code)
		}
		return
	}
}
