package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// traps are those of gobwas/ws 1.4, and what else costs a careless server its memory.
func traps() []check {
	return numbered("T", []check{
		{what: "a frame right behind the handshake", play: early(says(hello).bytes(), 0)},
		{what: "half a frame right behind the handshake", play: early(says(hello).bytes(), 9)},
		{what: "eight frames of 14 bytes that announce 1 GiB each", play: bombs},
		{what: "a length with the highest bit", play: closed([]frame{{op: text, wide: 8, declared: 1 << 63}}, 1002)},
		{what: "a length of two bytes that fits into none", play: closed([]frame{{op: text, wide: 2, payload: []byte(hello)}}, 1002)},
		{what: "a length of eight bytes that fits into two", play: closed([]frame{{op: text, wide: 8, payload: []byte(question(200))}}, 1002)},
		{what: "a text that is unmasked", play: closed([]frame{{op: text, payload: []byte(hello), unmasked: true}}, 1002)},
		{what: "a ping that is unmasked", play: closed([]frame{{op: ping, unmasked: true}}, 1002)},
		{what: "a message that grows and grows", play: closed(pieces(strings.Repeat("*", 128<<10), 4096), 1009)},
		{what: "empty pieces without end", play: flood(frame{op: continuation, more: true})},
		{what: "pings without end", play: flood(frame{op: ping})},
		{what: "a hundred pings within a message", play: scene(func(p *peer) error {
			frames := []frame{{op: text, more: true, payload: []byte(hello[:5])}}
			for range 100 {
				frames = append(frames, frame{op: ping, payload: []byte("x")})
			}
			if err := p.send(append(frames, frame{op: continuation, payload: []byte(hello[5:])}), 0); err != nil {
				return err
			}
			for range 100 {
				if err := p.expectPong("x"); err != nil {
					return err
				}
			}
			return p.expect("pong")
		})},
		{what: "ten messages that mean nothing", play: scene(func(p *peer) error {
			frames := make([]frame, 10)
			for n := range frames {
				frames[n] = says(`{"type":"nonsense"}`)
			}
			if err := p.send(frames, 0); err != nil {
				return err
			}
			return p.expectClose(1008)
		})},
		{what: "JSON nested a thousand times", play: scene(func(p *peer) error {
			if err := p.send([]frame{says(`{"type":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + `}`)}, 0); err != nil {
				return err
			}
			if err := p.expect("malformed_message"); err != nil {
				return err
			}
			return p.alive()
		})},
	})
}

// early sends b behind the handshake in the same segment, but for its last held bytes.
func early(b []byte, held int) playing {
	return func(ctx context.Context, t target) error {
		p, err := t.dial(ctx, b[:len(b)-held])
		if err != nil {
			return err
		}
		defer func() { _ = p.conn.Close() }()
		if _, err := p.conn.Write(b[len(b)-held:]); err != nil {
			return err
		}
		return p.expect("pong")
	}
}

// bombs: what is announced is not allocated.
func bombs(ctx context.Context, t target) error {
	before := t.heap()
	for range 8 {
		if err := closed([]frame{{op: text, wide: 8, declared: 1 << 30}}, 1009)(ctx, t); err != nil {
			return err
		}
	}
	const room = 256 << 20 // other cases run beside this one
	if after := t.heap(); after > before+room {
		return fmt.Errorf("the heap has grown by %d MiB", (after-before)>>20)
	}
	return nil
}

// flood sends a frame for as long as the server takes it: it must close with 1008.
func flood(f frame) playing {
	return scene(func(p *peer) error {
		if f.op == continuation {
			if err := p.send([]frame{{op: text, more: true}}, 0); err != nil {
				return err
			}
		}
		go func() {
			batch := []byte(strings.Repeat(string(f.bytes()), 1000))
			for {
				if _, err := p.conn.Write(batch); err != nil {
					return
				}
			}
		}()
		for {
			r, err := p.next()
			if err != nil {
				return fmt.Errorf("no close frame: %w", err)
			}
			if r.op == closing && len(r.payload) >= 2 && r.payload[0] == 1008>>8 && r.payload[1] == 1008&0xff {
				return nil
			}
		}
	})
}

// handshakes that are wrong, too large or too slow are refused, and soon.
func handshakes() []check {
	good := []string{"Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="}
	without := func(part string, instead ...string) []string {
		var lines []string
		for _, line := range good {
			if !strings.HasPrefix(line, part) {
				lines = append(lines, line)
			}
		}
		return append(lines, instead...)
	}
	var flooding []string
	for n := range 5000 {
		flooding = append(flooding, fmt.Sprintf("X-%d: x", n))
	}
	refused := []int{http.StatusBadRequest, http.StatusUpgradeRequired}
	return numbered("H", []check{
		{what: "no key", play: refusedWith("GET", without("Sec-WebSocket-Key"), refused...)},
		{what: "a short key", play: refusedWith("GET", without("Sec-WebSocket-Key", "Sec-WebSocket-Key: c2hvcnQ="), refused...)},
		{what: "version 12", play: refusedWith("GET", without("Sec-WebSocket-Version", "Sec-WebSocket-Version: 12"), refused...)},
		{what: "another protocol", play: refusedWith("GET", without("Upgrade", "Upgrade: h2c"), refused...)},
		{what: "no upgrade", play: refusedWith("GET", without("Connection", "Connection: keep-alive"), refused...)},
		{what: "another method", play: refusedWith("POST", append(good, "Content-Length: 0"), http.StatusMethodNotAllowed)},
		{what: "a header of 64 KiB", play: refusedWith("GET", append(good, "X-Long: "+strings.Repeat("x", 64<<10)), http.StatusRequestHeaderFieldsTooLarge)},
		{what: "5,000 headers", play: refusedWith("GET", append(good, flooding...), http.StatusRequestHeaderFieldsTooLarge)},
		{what: "a handshake that never ends is given up", play: slowly},
	})
}

func refusedWith(method string, lines []string, statuses ...int) playing {
	return func(ctx context.Context, t target) error {
		p, err := t.connect(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = p.conn.Close() }()
		head := method + " /v1/ws HTTP/1.1\r\nHost: " + t.addr + "\r\n" + strings.Join(lines, "\r\n") + "\r\n\r\n"
		_, _ = io.WriteString(p.conn, head) // the server may have had enough before the end
		answer, err := http.ReadResponse(p.in, nil)
		if err != nil {
			return err
		}
		_ = answer.Body.Close()
		if slices.Contains(statuses, answer.StatusCode) {
			return nil
		}
		return fmt.Errorf("answered %s, want %v", answer.Status, statuses)
	}
}

// slowly sends a byte of a handshake now and then.
func slowly(ctx context.Context, t target) error {
	p, err := t.connect(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = p.conn.Close() }()
	ended := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, p.in)
		ended <- err
	}()
	drip := time.NewTicker(100 * time.Millisecond)
	defer drip.Stop()
	late := time.NewTimer(patience)
	defer late.Stop()
	if _, err := io.WriteString(p.conn, "GET /v1/ws HTTP/1.1\r\nHost: "+t.addr+"\r\nX-Slow: "); err != nil {
		return err
	}
	for {
		select {
		case <-drip.C:
			_, _ = io.WriteString(p.conn, "x") // the end is told by the other side
		case err := <-ended:
			if isTimeout(err) {
				return errors.New("the server still waits")
			}
			return nil
		case <-late.C:
			return errors.New("the server still waits")
		}
	}
}
