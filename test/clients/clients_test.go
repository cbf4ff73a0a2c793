package clients_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/gateway/gatewaytest"
	"github.com/loveapp/backend/notification/notificationtest"
	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/servicetoken"
)

// limit is for a whole conversation, on a machine that does much else.
const limit = 2 * time.Minute

func TestOtherPeoplesClientsAreUnderstood(t *testing.T) {
	t.Parallel()
	for name, command := range map[string][]string{
		"npm's ws":            {"node", "testdata/client.js"},
		"Python's websockets": {python(), "testdata/client.py"},
	} {
		for _, through := range []string{"directly", "through a gateway"} {
			t.Run(name+" "+through, func(t *testing.T) {
				t.Parallel()
				n := notificationtest.Start(t, notificationtest.Options{})
				url := n.URL
				if through != "directly" {
					url = gatewaytest.Start(t, gatewaytest.Options{NotificationURLs: []string{n.URL}}).URL
				}
				converse(t, n, url, command)
			})
		}
	}
}

// python is Debian's own where there is one: it has Debian's packages.
func python() string {
	const debian = "/usr/bin/python3"
	if _, err := os.Stat(debian); err == nil {
		return debian
	}
	return "python3"
}

// converse runs a client and does what it asks for.
func converse(t *testing.T, n *notificationtest.Notification, url string, command []string) {
	t.Helper()
	user, session := idgen.NewV7(), idgen.NewV7()
	token := n.Token(user, session, "USER")
	for range 3 {
		notify(t, n, user)
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	client := exec.CommandContext(ctx, command[0], command[1:]...)
	client.Env = append(os.Environ(),
		"NODE_PATH="+modules(ctx), "URL="+url, "USER="+user, "TOKEN="+token, "OTHER_TOKEN="+n.Token(idgen.NewV7(), idgen.NewV7(), "USER"),
		"TICKET="+ticket(t, n, token), "STREAM_TICKET="+ticket(t, n, token), "no_proxy=*")
	var complaints bytes.Buffer
	client.Stderr = &complaints
	out, err := client.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Start(); err != nil {
		t.Fatalf("%v: make deps installs it", err)
	}
	done := false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		switch lines.Text() {
		case "notify":
			notify(t, n, user)
		case "revoke":
			n.Revoke(session)
		case "done":
			done = true
		}
	}
	if err := client.Wait(); err != nil || !done {
		t.Errorf("%v: %s", err, complaints.String())
	}
}

// modules is where Debian, or npm, has put what is installed for everybody.
func modules(ctx context.Context) string {
	const debian = "/usr/share/nodejs"
	if _, err := os.Stat(debian); err == nil {
		return debian
	}
	out, _ := exec.CommandContext(ctx, "npm", "root", "--global").Output() // where it is missing, node says so
	return strings.TrimSpace(string(out))
}

func notify(t *testing.T, n *notificationtest.Notification, user string) {
	t.Helper()
	item := map[string]any{"eventId": idgen.NewV7(), "userIds": []string{user}, "title": "hello", "createdAt": time.Now().UTC().Format(time.RFC3339Nano)}
	post(t, n.URL+"/internal/notifications", n.ServiceToken(servicetoken.SOS), map[string]any{"items": []any{item}}, http.StatusAccepted)
}

func ticket(t *testing.T, n *notificationtest.Notification, token string) string {
	t.Helper()
	var made struct{ Ticket string }
	if err := json.Unmarshal(post(t, n.URL+"/v1/notifications/ws-tickets", token, nil, http.StatusCreated), &made); err != nil {
		t.Fatal(err)
	}
	return made.Ticket
}

func post(t *testing.T, url, bearer string, body any, want int) []byte {
	t.Helper()
	var reader io.Reader = http.NoBody
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		reader = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, reader)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+bearer)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != want {
		t.Fatalf("POST %s: %s %s, %v", url, res.Status, answer, err)
	}
	return answer
}
