package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// closes: a close frame is answered with its code, a wrong one with 1002 or
// 1007, and nothing is answered behind it.
func closes() []check {
	all := []check{
		{what: "a message, then a close", play: scene(func(p *peer) error {
			if err := p.send([]frame{says(hello), closeWith(1000, "")}, 0); err != nil {
				return err
			}
			if err := p.expect("pong"); err != nil {
				return err
			}
			return p.expectClose(1000)
		})},
		{what: "a close twice", play: closed([]frame{closeWith(1000, ""), closeWith(1000, "")}, 1000)},
		{what: "a ping behind a close", play: nothingBehind(frame{op: ping})},
		{what: "a text behind a close", play: nothingBehind(says(hello))},
		{what: "a close within a text", play: closed([]frame{{op: text, payload: []byte("fragment"), more: true}, closeWith(1000, ""), {op: continuation}}, 1000)},
		{what: "a close without a code", play: closed([]frame{{op: closing}}, 1005)},
		{what: "a close with half a code", play: closed([]frame{{op: closing, payload: []byte{3}}}, 1002)},
		{what: "a close with a reason", play: closed([]frame{closeWith(1000, "Hello World!")}, 1000)},
		{what: "a close with the longest reason", play: closed([]frame{closeWith(1000, strings.Repeat("*", 123))}, 1000)},
		{what: "a close with a longer reason", play: closed([]frame{closeWith(1000, strings.Repeat("*", 124))}, 1002)},
		{what: "a close with a reason that is not UTF-8", play: closed([]frame{closeWith(1000, "κόσμε\xed\xa0\x80edited")}, 1007)},
		{what: "a close that is unmasked", play: closed([]frame{{op: closing, unmasked: true}}, 1002)},
	}
	for _, code := range []uint16{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999} {
		all = append(all, check{what: fmt.Sprint("the code ", code), play: closed([]frame{closeWith(code, "")}, code)})
	}
	for _, code := range []uint16{0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535} {
		all = append(all, check{what: fmt.Sprint("the code ", code, ", which nobody may send"), play: closed([]frame{closeWith(code, "")}, 1002)})
	}
	return numbered("7", all)
}

func nothingBehind(f frame) (play playing) {
	return scene(func(p *peer) error {
		if err := p.send([]frame{closeWith(1000, ""), f}, 0); err != nil {
			return err
		}
		r, err := p.next()
		if err != nil || r.op != closing {
			return fmt.Errorf("got %x %q, %w", r.op, r.payload, err)
		}
		if r, err := p.next(); !errors.Is(err, io.EOF) {
			return fmt.Errorf("behind its close frame the server sends %x %q, %w", r.op, r.payload, err)
		}
		return nil
	})
}
