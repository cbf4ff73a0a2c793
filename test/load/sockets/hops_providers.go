package main

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/loveapp/backend/notification"
	"github.com/loveapp/backend/shared/event"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/test/world"
)

// step is one of the ways by which an alarm comes, one after the other.
type step int

const (
	pushed step = iota
	texted
	mailed
	steps
)

// after is when each is due, counted from the alarm (NOTIFICATION.md, escalation by acknowledgement).
var after = [steps]time.Duration{pushed: 0, texted: 20 * time.Second, mailed: 40 * time.Second}

func (s step) String() string { return [steps]string{"push", "sms", "email"}[s] }

// arrival is an alarm of a person at a provider.
type arrival struct {
	person int
	step   step
}

// providers are a push service, a Twilio-compatible one and a mail server. They
// take everything, and note when.
type providers struct {
	t            world.T
	web, mails   string // where they listen
	public, vapd string // the VAPID pair

	mu  sync.Mutex
	got map[arrival][]time.Time
}

const (
	smsAccount = "AC0123456789abcdef"
	mailDomain = "@people.example"
	phoneBegin = "+491512"
)

func phoneOf(person int) string { return fmt.Sprintf("%s%07d", phoneBegin, person) }

func mailOf(person int) string { return strconv.Itoa(person) + mailDomain }

func newProviders(t world.T) *providers {
	t.Helper()
	p := &providers{t: t, got: map[arrival][]time.Time{}}
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatalf("make a VAPID pair: %v", err)
	}
	p.public, p.vapd = base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes()), base64.RawURLEncoding.EncodeToString(key.Bytes())
	mux := http.NewServeMux()
	mux.HandleFunc("POST /push/{person}", p.takePush)
	mux.HandleFunc("POST /2010-04-01/Accounts/"+smsAccount+"/Messages.json", p.takeText)
	p.web = serveOn(t, mux)
	p.mails = p.serveMail()
	return p
}

func serveOn(t world.T, handler http.Handler) (addr string) {
	t.Helper()
	l, err := httpserver.Listen(t.Context(), "127.0.0.1", 0)
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	served := make(chan struct{})
	go func() { defer close(served); _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close(); <-served })
	return l.Addr().String()
}

func (p *providers) serveMail() (addr string) {
	p.t.Helper()
	l, err := httpserver.Listen(p.t.Context(), "127.0.0.1", 0)
	if err != nil {
		p.t.Fatalf("listen: %v", err)
	}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &mailing{providers: p}, nil }))
	server.Domain, server.ErrorLog = "mail.test", log.New(io.Discard, "", 0)
	served := make(chan struct{})
	go func() { defer close(served); _ = server.Serve(l) }()
	p.t.Cleanup(func() { _ = server.Close(); _ = l.Close(); <-served })
	return l.Addr().String()
}

// serveNotification is the service as its own program has it, except that a push
// service may be on this machine.
func serveNotification(ctx context.Context) error {
	c, err := notification.LoadConfig()
	if err != nil {
		return err
	}
	c.PrivatePush = true
	c.Version, c.Logger = "measured", slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	service, err := notification.New(ctx, c)
	if err != nil {
		return err
	}
	return service.Run(ctx)
}

// settings are what an instance needs to reach them.
func (p *providers) settings() []string {
	return []string{
		"VAPID_PUBLIC_KEY=" + p.public, "VAPID_PRIVATE_KEY=" + p.vapd, "VAPID_SUBJECT=mailto:ops@people.example",
		"TWILIO_ACCOUNT_SID=" + smsAccount, "TWILIO_AUTH_TOKEN=a token of the measurements", "TWILIO_FROM=+15005550006", "TWILIO_BASE_URL=http://" + p.web,
		"SMTP_URL=smtp://" + p.mails + "?starttls=off", "MAIL_FROM=sos@people.example",
	}
}

func (p *providers) take(person int, s step) {
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.got[arrival{person, s}] = append(p.got[arrival{person, s}], now)
}

func (p *providers) times(person int, s step) []time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.got[arrival{person, s}]
}

func (p *providers) takePush(w http.ResponseWriter, r *http.Request) {
	person, err := strconv.Atoi(r.PathValue("person"))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	_, _ = io.Copy(io.Discard, r.Body)
	p.take(person, pushed)
	w.WriteHeader(http.StatusCreated)
}

func (p *providers) takeText(w http.ResponseWriter, r *http.Request) {
	person, err := strconv.Atoi(strings.TrimPrefix(r.FormValue("To"), phoneBegin))
	if err != nil {
		http.Error(w, `{"code":21211}`, http.StatusBadRequest)
		return
	}
	p.take(person, texted)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, `{"sid":"SM0","status":"queued"}`)
}

// mailing is one connection.
type mailing struct {
	*providers
	to int
}

func (m *mailing) Mail(string, *smtp.MailOptions) error { return nil }

func (m *mailing) Rcpt(to string, _ *smtp.RcptOptions) (err error) {
	m.to, err = strconv.Atoi(strings.TrimSuffix(to, mailDomain))
	return err
}

func (m *mailing) Data(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	m.take(m.to, mailed)
	return err
}

func (m *mailing) Reset() {}

func (m *mailing) Logout() error { return nil }

// directory is an auth of one instance, that knows everybody's address.
type directory struct {
	numbers map[string]int // of people by their ids

	mu    sync.Mutex
	asked func()        // is called by who hangs
	stuck chan struct{} // nil, or: who asks hangs until it is closed
}

// hang has everybody who asks from now on wait, until release.
func (d *directory) hang(asked func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked, d.stuck = asked, make(chan struct{})
}

func (d *directory) release() {
	d.mu.Lock()
	defer d.mu.Unlock()
	close(d.stuck)
	d.asked, d.stuck = nil, nil
}

// wait is false where the instance has gone meanwhile.
func (d *directory) wait(ctx context.Context) bool {
	d.mu.Lock()
	asked, stuck := d.asked, d.stuck
	d.mu.Unlock()
	if stuck == nil {
		return true
	}
	asked()
	select {
	case <-stuck:
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}

func (d *directory) lookup(w http.ResponseWriter, r *http.Request) {
	var question event.UserLookup
	if err := json.NewDecoder(r.Body).Decode(&question); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if !d.wait(r.Context()) {
		return
	}
	answer := event.Users{Items: []event.User{}}
	for _, id := range question.IDs {
		if n, known := d.numbers[id]; known {
			answer.Items = append(answer.Items, event.User{ID: id, Email: mailOf(n), EmailVerified: true, Phone: phoneOf(n), PhoneVerified: true, Locale: "en", Active: true})
		}
	}
	_ = json.NewEncoder(w).Encode(answer)
}
