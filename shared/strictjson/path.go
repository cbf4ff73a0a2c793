package strictjson

import (
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// maxName cuts what is echoed of a key that the client invented.
const maxName = 64

// path names the value just read, as a client would write it: items[3].name.
func (w *walker) path() string {
	var b strings.Builder
	depth := 0
	for name := range w.dec.StackPointer().Tokens() {
		depth++
		container, _ := w.dec.StackIndex(depth)
		appendStep(&b, name, container == '[')
	}
	return b.String()
}

// pointerPath does the same for a bare pointer, which does not tell the index 3 from the key "3".
func pointerPath(p jsontext.Pointer) string {
	var b strings.Builder
	for name := range p.Tokens() {
		_, err := strconv.ParseUint(name, 10, 32)
		appendStep(&b, name, err == nil)
	}
	return b.String()
}

func appendStep(b *strings.Builder, name string, index bool) {
	if index {
		b.WriteString("[" + name + "]")
		return
	}
	if b.Len() > 0 {
		b.WriteByte('.')
	}
	if len(name) > maxName {
		name = strings.ToValidUTF8(name[:maxName], "") + "…"
	}
	b.WriteString(name)
}
