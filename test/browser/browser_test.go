package browser_test

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/loveapp/backend/gateway/gatewaytest"
	"github.com/loveapp/backend/notification/notificationtest"
	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/process"
)

// limit is for a browser's start and the whole conversation, on a machine that does much else.
const limit = 3 * time.Minute

var (
	//go:embed testdata/page.html
	pageHTML []byte
	//go:embed testdata/page.js
	pageJS []byte
)

// The page comes from another origin than the gateway, as the app's would.
func TestABrowserIsUnderstood(t *testing.T) {
	t.Parallel()
	n := notificationtest.Start(t, notificationtest.Options{})
	p := newPage(t, n)
	g := gatewaytest.Start(t, gatewaytest.Options{NotificationURLs: []string{n.URL}, CORSOrigins: p.url})
	p.gateway = g.URL
	complaints := browse(t, p.url)
	select {
	case verdict := <-p.done:
		if verdict != "" {
			t.Error(verdict)
		}
	case <-time.After(limit):
		t.Errorf("the page has come as far as %q: %s", p.progress(), complaints())
	}
}

// browse opens url in Chromium, which is ended with the test.
func browse(t *testing.T, url string) (complaints func() string) {
	t.Helper()
	profile, err := os.MkdirTemp("", "browser-*")
	if err != nil {
		t.Fatal(err)
	}
	said, err := os.CreateTemp(profile, "said-*")
	if err != nil {
		t.Fatal(err)
	}
	//nolint:gosec // Debian's browser
	cmd := exec.Command("chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--no-proxy-server", "--enable-logging=stderr", "--user-data-dir="+profile, url)
	cmd.Env = append(os.Environ(), "HOME="+profile)
	cmd.Stdout, cmd.Stderr = said, said
	cmd.SysProcAttr = process.OwnGroup(syscall.SIGKILL)
	child, err := process.Start(cmd)
	if err != nil {
		t.Fatalf("%v: make test-browser installs it", err)
	}
	t.Cleanup(func() {
		_ = child.Stop(context.Background(), 0) // its whole group, at once
		_ = said.Close()
		_ = os.RemoveAll(profile)
	})
	return func() string {
		text, err := os.ReadFile(said.Name())
		return fmt.Sprint(string(text), errors.Join(err))
	}
}

// ask is what the page wants done.
type ask struct {
	Do   string // session, notify, revoke, passed, done, failed
	What string // of failed: why; of passed: which part
	User string // of notify
}

// session is what a page needs to be somebody.
type session struct {
	Gateway, User, Token, Ticket string
}

func (p *page) carryOut(a ask) (any, error) {
	switch a.Do {
	case "session":
		return p.newSession()
	case "notify":
		return nil, p.notify(a.User)
	case "revoke":
		p.n.Revoke(p.sessionOf(a.User))
	case "passed":
		p.pass(a.What)
	case "done":
		p.done <- ""
	case "failed":
		p.done <- a.What
	default:
		return nil, fmt.Errorf("nobody knows how to %q", a.Do)
	}
	return nil, nil
}

func (p *page) newSession() (session, error) {
	user, id := idgen.NewV7(), idgen.NewV7()
	p.mu.Lock()
	p.sessions[user] = id
	p.mu.Unlock()
	token := p.n.Token(user, id, "USER")
	ticket, err := p.ticket(token)
	return session{p.gateway, user, token, ticket}, err
}

func newPage(t *testing.T, n *notificationtest.Notification) *page {
	t.Helper()
	p := &page{n: n, ctx: t.Context(), done: make(chan string, 1), sessions: map[string]string{}, http: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { serve(w, "text/html", pageHTML) })
	mux.HandleFunc("GET /page.js", func(w http.ResponseWriter, _ *http.Request) { serve(w, "text/javascript", pageJS) })
	mux.HandleFunc("POST /ask", p.answer)
	server := httptest.NewServer(mux)
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	p.url = server.URL
	return p
}

func serve(w http.ResponseWriter, kind string, text []byte) {
	w.Header().Set("Content-Type", kind+"; charset=utf-8")
	_, _ = w.Write(text)
}

func (p *page) answer(w http.ResponseWriter, r *http.Request) {
	var a ask
	text, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(text, &a)
	}
	var result any
	if err == nil {
		result, err = p.carryOut(a)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_ = json.NewEncoder(w).Encode(result)
}
