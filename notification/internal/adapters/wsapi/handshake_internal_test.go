package wsapi

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// FuzzHandshake: whatever a client sends, only a handshake of RFC 6455 is taken
// for one, and only a cursor of ours for a cursor.
func FuzzHandshake(f *testing.F) {
	const good = "GET /v1/ws?ticket=x HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nLast-Event-ID: 7\r\n\r\n"
	for _, seed := range []string{
		good, strings.Replace(good, "13", "8", 1), strings.Replace(good, "websocket", "h2c", 1), strings.Replace(good, "1.1", "1.0", 1),
		strings.Replace(good, "GET", "HEAD", 1), strings.Replace(good, "ticket=x", "ticket=%zz", 1), strings.Replace(good, "7", "-7", 1),
		strings.Replace(good, "Host: h", "Host: h\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", 1),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
		if err != nil {
			return // net/http has refused it
		}
		if checkHandshake(httptest.NewRecorder(), r) == nil && !isHandshake(r) {
			t.Errorf("taken for a handshake: %q", raw)
		}
		query, err := parseQuery(r)
		if err != nil {
			return
		}
		if after, err := lastEvent(r, query); err == nil && after != nil && *after < 0 {
			t.Errorf("the cursor %d", *after)
		}
	})
}

// isHandshake is section 4.2.1 in other words.
func isHandshake(r *http.Request) bool {
	lists := func(name string) []string {
		var items []string
		for item := range strings.SplitSeq(strings.ToLower(strings.Join(r.Header.Values(name), ",")), ",") {
			items = append(items, strings.TrimSpace(item))
		}
		return items
	}
	keys, versions := r.Header["Sec-Websocket-Key"], r.Header["Sec-Websocket-Version"]
	if len(keys) != 1 || len(versions) != 1 {
		return false
	}
	key, err := base64.StdEncoding.DecodeString(keys[0])
	return err == nil && len(key) == 16 && versions[0] == "13" && r.Method == http.MethodGet && r.ProtoMajor == 1 && r.ProtoMinor >= 1 &&
		slices.Contains(lists("Upgrade"), "websocket") && slices.Contains(lists("Connection"), "upgrade")
}
