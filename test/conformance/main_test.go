package main

import (
	"io"
	"testing"
)

func TestEveryCaseIsStrict(t *testing.T) {
	t.Parallel()
	if failed := write(t.Output(), play(t.Context(), targets(t), checks())); failed > 0 {
		t.Errorf("%d cases failed", failed)
	}
}

// What the client wants is held against the server: wanting something else fails.
func TestACaseThatIsNotStrictIsFound(t *testing.T) {
	t.Parallel()
	wrong := []check{
		{what: "another code", play: closed([]frame{{op: binaryData}}, 1002)},
		{what: "a code for what is right", play: closed([]frame{says(hello), closeWith(1000, "")}, 1002)},
		{what: "an answer to what is wrong", play: answered([]frame{{op: text, rsv: 4, payload: []byte(hello)}}, 0)},
		{what: "another pong", play: scene(func(p *peer) error {
			if err := p.send([]frame{{op: ping, payload: []byte("a")}}, 0); err != nil {
				return err
			}
			return p.expectPong("b")
		})},
		{what: "a refusal of what is right", play: refusedWith("GET", []string{
			"Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
		}, 400)},
	}
	if failed := write(io.Discard, play(t.Context(), targets(t)[:1], wrong)); failed != len(wrong) {
		t.Errorf("%d of %d are found", failed, len(wrong))
	}
}
