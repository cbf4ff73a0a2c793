package main

import (
	"fmt"
	"time"
)

// utf8Cases: text is UTF-8, or the connection fails with 1007 at the first byte
// that cannot be (RFC 6455 section 8.1; the samples follow Unicode's table 3-7).
func utf8Cases() (all []check) {
	for name, s := range goodText() {
		message := `{"type":"ping","pad":"` + s + `"}`
		all = append(all,
			check{what: "good: " + name, play: answered([]frame{says(message)}, 0)},
			check{what: "good, a byte a frame: " + name, play: answered(pieces(message, 1), 0)},
			check{what: "good, chopped: " + name, play: answered([]frame{says(message)}, 1)})
	}
	for name, s := range badText() {
		message := `{"type":"ping","pad":"` + s + `"}`
		all = append(all,
			check{what: "bad: " + name, play: closed([]frame{says(message)}, 1007)},
			check{what: "bad, a byte a frame: " + name, play: closed(pieces(message, 1), 1007)},
			check{what: "bad, chopped: " + name, play: closedChopped([]frame{says(message)}, 1, 1007)},
			check{what: "bad, at the end: " + name, play: closed([]frame{says(s)}, 1007)})
	}
	return numbered("6", append(all, failFast()...))
}

func goodText() map[string]string {
	return map[string]string{
		"Greek and accents":       "κόσμε Hello-µ@ßöäüàá-UTF-8!!",
		"the first of each size":  "\u0080\u0800\U00010000",
		"the last of each size":   "\u007f\u07ff\uffff\U0010ffff",
		"around the surrogates":   "\ud7ff\ue000\ufffd",
		"no characters":           "\ufffe\U0001fffe\U0010fffe",
		"a mark and an emoji":     "\ufeff🆘👩‍👩‍👧",
		"the replacement, itself": "\xef\xbf\xbd",
	}
}

func badText() map[string]string {
	return map[string]string{
		"a lone continuation":          "\x80",
		"the last continuation":        "\xbf",
		"two continuations":            "\x80\xbf",
		"a lone first byte of two":     "\xc3 ",
		"a lone first byte of three":   "\xe2\x82 ",
		"a lone first byte of four":    "\xf0\x9f\x86 ",
		"impossible bytes":             "\xfe\xff",
		"an overlong slash of two":     "\xc0\xaf",
		"an overlong slash of three":   "\xe0\x80\xaf",
		"an overlong slash of four":    "\xf0\x80\x80\xaf",
		"the largest overlong of two":  "\xc1\xbf",
		"an overlong NUL":              "\xc0\x80",
		"a high surrogate":             "\xed\xa0\x80",
		"a low surrogate":              "\xed\xbf\xbf",
		"a pair of surrogates":         "\xed\xa0\x80\xed\xb0\x80",
		"above the last character":     "\xf4\x90\x80\x80",
		"five bytes":                   "\xf8\x88\x80\x80\x80",
		"six bytes":                    "\xfc\x84\x80\x80\x80\x80",
		"a character and a half":       "\xce\xba\xe1\xbd",
		"a good beginning, a bad rest": "κόσμε\xed\xa0\x80edited",
	}
}

// failFast: what has come so far is judged although more was announced.
func failFast() []check {
	quickly := func(send []byte) func(p *peer) error {
		return func(p *peer) error {
			if _, err := p.conn.Write(send); err != nil {
				return err
			}
			_ = p.conn.SetReadDeadline(time.Now().Add(soon))
			return p.expectClose(1007)
		}
	}
	const good, bad = "κόσμε", "\xf4\x90\x80\x80"
	inFrames := frame{op: text, payload: []byte(good), more: true}.bytes()
	inFrames = append(inFrames, frame{op: continuation, payload: []byte(bad), more: true}.bytes()...)
	whole := says(good + bad + "edited and never sent").bytes()
	var all []check
	all = append(all, check{what: "at once: in the second of three frames", play: scene(quickly(inFrames))})
	header := 2 + 4
	for cut := 1; cut <= 2; cut++ { // after F4 90 nothing can follow that makes it good
		all = append(all, check{
			what: fmt.Sprintf("at once: %d bytes after the beginning of a bad character, in one frame", cut+1),
			play: scene(quickly(whole[:header+len(good)+1+cut])),
		})
	}
	return all
}
