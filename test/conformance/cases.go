package main

import (
	"fmt"
	"strings"
	"time"
)

// question is a message of exactly so many bytes that is answered with a pong.
func question(size int) string {
	const head, tail = `{"type":"ping","pad":"`, `"}`
	return head + strings.Repeat("*", max(0, size-len(head)-len(tail))) + tail
}

var hello = question(0)

// framing: lengths in each of their three forms, in one piece and in many.
func framing() (all []check) {
	for n, size := range []int{125, 126, 127, 128, 65535, 65536} {
		all = append(all, check{fmt.Sprint("1.1.", n+2), fmt.Sprintf("text of %d bytes", size), answered([]frame{says(question(size))}, 0)})
	}
	return append(all,
		check{"1.1.1", "an empty text is malformed, and no reason to close", scene(func(p *peer) error {
			if err := p.send([]frame{says("")}, 0); err != nil {
				return err
			}
			if err := p.expect("malformed_message"); err != nil {
				return err
			}
			return p.alive()
		})},
		check{"1.1.8", "text of 65536 bytes in pieces of 997", answered([]frame{says(question(65536))}, 997)},
		check{"1.2.1", "an empty binary message", closed([]frame{{op: binaryData}}, 1003)},
		check{"1.2.2", "a binary message of 125 bytes", closed([]frame{{op: binaryData, payload: make([]byte, 125)}}, 1003)},
		check{"1.2.6", "a binary message of 65536 bytes", closed([]frame{{op: binaryData, payload: make([]byte, 65536)}}, 1003)},
	)
}

// pinged sends a ping and wants its payload back.
func pinged(payload string, chopped int) check {
	return check{what: fmt.Sprintf("a ping with %d bytes, chopped by %d", len(payload), chopped), play: scene(func(p *peer) error {
		if err := p.send([]frame{{op: ping, payload: []byte(payload)}}, chopped); err != nil {
			return err
		}
		return p.expectPong(payload)
	})}
}

func numbered(group string, all []check) []check {
	for n := range all {
		all[n].id = fmt.Sprint(group, ".", n+1)
	}
	return all
}

func pings() []check {
	long := strings.Repeat("\xfe", 125)
	many := func(chopped int) check {
		return check{what: fmt.Sprintf("ten pings, chopped by %d", chopped), play: scene(func(p *peer) error {
			var frames []frame
			for n := range 10 {
				frames = append(frames, frame{op: ping, payload: fmt.Append(nil, "payload-", n)})
			}
			if err := p.send(frames, chopped); err != nil {
				return err
			}
			for n := range 10 {
				if err := p.expectPong(fmt.Sprint("payload-", n)); err != nil {
					return err
				}
			}
			return nil
		})}
	}
	return numbered("2", []check{
		pinged("", 0), pinged("Hello, world!", 0), pinged("\x00\xff\xfe\xfd\xfc\xfb\x00\xff", 0), pinged(long, 0),
		{what: "a ping with 126 bytes", play: closed([]frame{{op: ping, payload: []byte(long + "\xfe")}}, 1002)},
		pinged(long, 1),
		{what: "an unasked pong", play: answered([]frame{{op: pong}, says(hello)}, 0)},
		{what: "an unasked pong with payload", play: answered([]frame{{op: pong, payload: []byte("unasked")}, says(hello)}, 0)},
		{what: "an unasked pong, then a ping", play: scene(func(p *peer) error {
			if err := p.send([]frame{{op: pong, payload: []byte("unasked")}, {op: ping, payload: []byte("asked")}}, 0); err != nil {
				return err
			}
			return p.expectPong("asked")
		})},
		many(0), many(1),
	})
}

func reserved() (all []check) {
	for rsv := byte(1); rsv <= 7; rsv++ {
		for _, op := range []byte{text, ping, closing} {
			for _, chopped := range []int{0, 1} {
				f := frame{op: op, rsv: rsv}
				if op == text {
					f.payload = []byte(hello)
				}
				all = append(all, check{
					what: fmt.Sprintf("opcode %x with the reserved bits %d behind a good message, chopped by %d", op, rsv, chopped),
					play: closedChopped([]frame{says(hello), f, {op: ping}}, chopped, 1002),
				})
			}
		}
	}
	return numbered("3", all)
}

func opcodes() (all []check) {
	for _, op := range []byte{3, 4, 5, 6, 7, 11, 12, 13, 14, 15} {
		all = append(all,
			check{what: fmt.Sprintf("opcode %d", op), play: closed([]frame{{op: op}}, 1002)},
			check{
				what: fmt.Sprintf("opcode %d with payload behind a good message, chopped", op),
				play: closedChopped([]frame{says(hello), {op: op, payload: []byte("reserved opcode payload")}, {op: ping}}, 1, 1002),
			})
	}
	return numbered("4", all)
}

func fragments() (all []check) {
	half := len(hello) / 2
	first := frame{op: text, payload: []byte(hello[:half]), more: true}
	second := frame{op: continuation, payload: []byte(hello[half:])}
	empty := frame{op: continuation, more: true}
	aside := frame{op: ping, payload: []byte("aside")}
	for _, chopped := range []int{0, 7, 1} {
		all = append(all,
			check{what: fmt.Sprintf("text in two frames, chopped by %d", chopped), play: answered([]frame{first, second}, chopped)},
			check{what: fmt.Sprintf("a ping between two frames of a text, chopped by %d", chopped), play: scene(func(p *peer) error {
				if err := p.send([]frame{first, aside, second}, chopped); err != nil {
					return err
				}
				if err := p.expectPong("aside"); err != nil {
					return err
				}
				return p.expect("pong")
			})},
			check{what: fmt.Sprintf("a continuation of nothing, chopped by %d", chopped), play: closedChopped([]frame{second, says(hello)}, chopped, 1002)},
			check{what: fmt.Sprintf("a continuation of nothing that is not the last, chopped by %d", chopped), play: closedChopped([]frame{empty, says(hello)}, chopped, 1002)},
			check{what: fmt.Sprintf("a text within a text, chopped by %d", chopped), play: closedChopped([]frame{first, says(hello)}, chopped, 1002)},
			check{what: fmt.Sprintf("empty frames in the middle, chopped by %d", chopped), play: answered([]frame{first, empty, empty, second}, chopped)})
	}
	return numbered("5", append(all,
		check{what: "a ping in two frames", play: closed([]frame{{op: ping, more: true, payload: []byte("a")}, {op: continuation, payload: []byte("b")}}, 1002)},
		check{what: "a pong in two frames", play: closed([]frame{{op: pong, more: true}, {op: continuation}}, 1002)},
		check{what: "a close in two frames", play: closed([]frame{{op: closing, more: true}, {op: continuation}}, 1002)},
		check{what: "a second text begins where the first has ended", play: answered([]frame{first, second, first, second}, 0)},
		check{what: "pings between, and pauses", play: scene(func(p *peer) error {
			for _, f := range []frame{first, aside, empty, aside, second} {
				if err := p.send([]frame{f}, 0); err != nil {
					return err
				}
				if f.op == ping {
					if err := p.expectPong("aside"); err != nil {
						return err
					}
				}
			}
			return p.expect("pong")
		})},
	))
}

// limits: what is as large as it may be is taken, what is larger is not, and
// many messages are answered in their order.
func limits() []check {
	most := question(64 << 10)
	return numbered("9", []check{
		{what: "the largest message", play: answered([]frame{says(most)}, 0)},
		{what: "the largest message in frames of 64 bytes", play: answered(pieces(most, 64), 0)},
		{what: "the largest message in frames of 256 bytes, chopped by 999", play: answered(pieces(most, 256), 999)},
		{what: "the largest message, chopped by 64", play: answered([]frame{says(most)}, 64)},
		{what: "a byte too many", play: closed([]frame{says(most + " ")}, 1009)},
		{what: "a byte too many in its second frame", play: closed([]frame{{op: text, payload: []byte(most), more: true}, {op: continuation, payload: []byte(" ")}}, 1009)},
		{what: "a thousand messages at once", play: scene(func(p *peer) error {
			const count = 1000
			sent := make(chan error, 1)
			go func() {
				frames := make([]frame, count)
				for n := range frames {
					frames[n] = says(question(128))
				}
				sent <- p.send(frames, 0)
			}()
			for range count {
				if err := p.expect("pong"); err != nil {
					return err
				}
			}
			return <-sent
		})},
	})
}

func autoFragments() []check {
	return numbered("10", []check{
		{what: "64 KiB in frames of 1300 bytes", play: answered(pieces(question(64<<10), 1300), 0)},
		{what: "64 KiB in frames of 1300 bytes with a ping behind each", play: scene(func(p *peer) error {
			var frames []frame
			all := pieces(question(64<<10), 1300)
			for _, f := range all {
				frames = append(frames, f, frame{op: ping})
			}
			if err := p.send(frames[:len(frames)-1], 0); err != nil {
				return err
			}
			for range len(all) - 1 {
				if err := p.expectPong(""); err != nil {
					return err
				}
			}
			return p.expect("pong")
		})},
	})
}

// soon bounds what must not wait for anything.
const soon = 10 * time.Second
