package asyncapi_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/gobwas/ws"
)

// socket reads what came right behind the handshake, too.
type socket struct {
	net.Conn
	in io.Reader
}

func (s socket) Read(b []byte) (int, error) { return s.in.Read(b) }

func dial(t *testing.T, base, token string) net.Conn {
	t.Helper()
	dialer := ws.Dialer{Header: ws.HandshakeHeaderHTTP(http.Header{"Authorization": {"Bearer " + token}})}
	conn, early, _, err := dialer.Dial(t.Context(), "ws"+strings.TrimPrefix(base, "http")+"/v1/ws")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	s := socket{conn, conn}
	if early != nil {
		s.in = early
	}
	return s
}

func post(t *testing.T, url, token string, body any) {
	t.Helper()
	send(t, http.MethodPost, url, token, body)
}

func send(t *testing.T, method, url, token string, body any) {
	t.Helper()
	var reader io.Reader = http.NoBody
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		reader = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, url, reader)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	answer, _ := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if res.StatusCode/100 != 2 {
		t.Fatalf("%s %s: %s %s", method, url, res.Status, answer)
	}
}
