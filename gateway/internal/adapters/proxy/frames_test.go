package proxy_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/gobwas/ws"

	"github.com/loveapp/backend/gateway/internal/adapters/proxy"
)

func frame(tb testing.TB, size int) string {
	tb.Helper()
	var b bytes.Buffer
	if err := ws.WriteFrame(&b, ws.NewTextFrame(bytes.Repeat([]byte("x"), size))); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

func TestAGatewayThatStopsSaysSoBetweenTwoFramesOnly(t *testing.T) {
	t.Parallel()
	restarting := string(ws.MustCompileFrame(ws.NewCloseFrame(ws.NewCloseFrameBody(1012, ""))))
	long := frame(t, 70_000)
	for name, c := range map[string]struct{ sent, then string }{
		"nothing yet":             {"", restarting},
		"frames of every size":    {frame(t, 0) + frame(t, 125) + frame(t, 126) + frame(t, 40_000) + long, restarting},
		"a part of a message":     {string(ws.MustCompileFrame(ws.NewFrame(ws.OpText, false, []byte("half of")))), restarting},
		"a frame without its end": {long[:len(long)-1], ""},
		"half a head":             {frame(t, 5) + long[:5], ""},
		"a byte":                  {long[:1], ""},
		"a farewell":              {string(ws.CompiledCloseNormalClosure), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			carriers(t, func(t *testing.T, p *proxy.Proxy) {
				client, service := tunnel(t, p)
				for rest := strings.NewReader(c.sent); rest.Len() > 0; {
					if _, err := io.CopyN(service, rest, min(int64(rest.Len()), 999)); err != nil {
						t.Fatal(err)
					}
				}
				if _, err := io.ReadFull(client, make([]byte, len(c.sent))); err != nil {
					t.Fatal(err)
				}
				p.CloseTunnels(t.Context())
				if got, err := io.ReadAll(client); string(got) != c.then || err != nil {
					t.Errorf("%x, %v", got, err)
				}
			})
		})
	}
}
