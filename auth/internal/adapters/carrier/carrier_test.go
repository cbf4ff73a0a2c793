package carrier_test

import (
	"encoding/json"
	"errors"
	"io"
	"log"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/http/httptest"
	netmail "net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"go.uber.org/goleak"

	"github.com/loveapp/backend/auth/internal/adapters/carrier"
	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports/portstest"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/mail"
	"github.com/loveapp/backend/shared/outfile"
	"github.com/loveapp/backend/shared/sms"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// desk is where letters are handed over.
type desk struct {
	mu    sync.Mutex
	mood  portstest.Mood
	taken []string
}

func (d *desk) behave(m portstest.Mood) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.mood = m
}

func (d *desk) now() portstest.Mood {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.mood
}

func (d *desk) take(letter string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.taken = append(d.taken, letter)
}

func (d *desk) all() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.taken)
}

// smtpServer takes mails for d, and gives its address.
func smtpServer(t *testing.T, d *desk) string {
	t.Helper()
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &visit{desk: d}, nil }))
	server.Domain, server.ErrorLog = "mail.test", log.New(io.Discard, "", 0)
	server.ReadTimeout, server.WriteTimeout = time.Minute, time.Minute
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed with the server
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() { defer close(served); _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close(); _ = listener.Close(); <-served })
	return listener.Addr().String()
}

// visit is one connection to the mail server.
type visit struct {
	desk *desk
	to   []string
}

// Mail begins a message.
func (v *visit) Mail(string, *smtp.MailOptions) error {
	if v.desk.now() == portstest.Fails {
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "Try again later"}
	}
	return nil
}

// Rcpt takes a recipient.
func (v *visit) Rcpt(to string, _ *smtp.RcptOptions) error {
	if v.desk.now() == portstest.Refuses {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such user: " + to}
	}
	v.to = append(v.to, to)
	return nil
}

// Data takes the message.
func (v *visit) Data(r io.Reader) error {
	_, subject, text, err := read(r)
	if err == nil {
		v.desk.take(strings.Join(v.to, ",") + "\n" + subject + "\n" + text)
	}
	return err
}

// read takes a message apart: addresses, subject and text.
func read(r io.Reader) (to, subject, text string, err error) {
	message, err := netmail.ReadMessage(r)
	if err != nil {
		return "", "", "", err
	}
	if len(message.Header["Bcc"])+len(message.Header["Cc"]) > 0 || len(message.Header["To"]) != 1 {
		return "", "", "", errors.New("headers that nobody has asked for")
	}
	body := message.Body
	if message.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		body = quotedprintable.NewReader(body)
	}
	content, err := io.ReadAll(body)
	if err != nil {
		return "", "", "", err
	}
	subject, err = new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject"))
	return strings.Trim(message.Header.Get("To"), "<>"), subject, string(content), err
}

// Reset begins anew.
func (v *visit) Reset() { v.to = nil }

// Logout ends the connection.
func (v *visit) Logout() error { return nil }

func mailing(t *testing.T) (carrier.Mail, *desk) {
	t.Helper()
	d := &desk{}
	server, err := mail.NewServer(mail.ServerConfig{URL: config.Secret("smtp://" + smtpServer(t, d) + "?starttls=off"), From: "Love App <no-reply@example.org>"})
	if err != nil {
		t.Fatal(err)
	}
	return carrier.Mail{To: server}, d
}

func TestMails(t *testing.T) {
	t.Parallel()
	portstest.Carrier(t, func(t *testing.T) portstest.CarrierSubject {
		t.Helper()
		c, d := mailing(t)
		return portstest.CarrierSubject{Carrier: c, To: "ana@example.org", Taken: d.all, Behave: d.behave}
	})
}

// TestNoLetterHasHeadersOfItsReaders: whatever an address or a subject were to
// hold, it ends neither a header nor the recipients.
func TestNoLetterHasHeadersOfItsReaders(t *testing.T) {
	t.Parallel()
	c, d := mailing(t)
	const eve = "eve@example.org"
	for name, l := range map[string]domain.Letter{
		"a header in the address":   {To: "ana@example.org\r\nBcc: " + eve, Subject: "x", Text: "y"},
		"two addresses":             {To: "ana@example.org, " + eve, Subject: "x", Text: "y"},
		"a command in the address":  {To: "ana@example.org>\r\nRCPT TO:<" + eve, Subject: "x", Text: "y"},
		"a header in the subject":   {To: "ana@example.org", Subject: "x\r\nBcc: " + eve, Text: "y"},
		"a body in the subject":     {To: "ana@example.org", Subject: "x\r\n\r\nwords of eve", Text: "y"},
		"an end in the text":        {To: "ana@example.org", Subject: "x", Text: "y\r\n.\r\nRCPT TO:<" + eve + ">"},
		"a bare newline in the end": {To: "ana@example.org", Subject: "x\nTo: " + eve, Text: "y"},
	} {
		l.ID = "018f0000-0000-7000-8000-000000000001"
		before := len(d.all())
		err := c.Send(t.Context(), l)
		for _, taken := range d.all()[before:] {
			to, rest, _ := strings.Cut(taken, "\n")
			_, text, _ := strings.Cut(rest, "\n")
			if to != "ana@example.org" || !strings.HasPrefix(text, "y") {
				t.Errorf("%s: %q, %v", name, taken, err)
			}
		}
	}
}

func TestTexts(t *testing.T) {
	t.Parallel()
	portstest.Carrier(t, func(t *testing.T) portstest.CarrierSubject {
		t.Helper()
		d := &desk{}
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			status, answer := http.StatusCreated, map[string]any{"sid": "SM1"}
			switch d.now() {
			case portstest.Fails:
				status, answer = http.StatusServiceUnavailable, map[string]any{"code": 20503}
			case portstest.Refuses:
				status, answer = http.StatusBadRequest, map[string]any{"code": 21211, "message": "not a number: " + r.FormValue("To")}
			default:
				d.take(r.FormValue("To") + "\n" + r.FormValue("Body"))
			}
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(answer)
		}))
		t.Cleanup(server.Close)
		service, err := sms.New(sms.Config{BaseURL: server.URL, AccountSID: "AC1", AuthToken: "secret", From: "+15005550006"})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = service.Close() })
		return portstest.CarrierSubject{Carrier: carrier.SMS{To: service, Now: time.Now}, To: "+4915112345678", Taken: d.all, Behave: d.behave}
	})
}

func TestFiles(t *testing.T) {
	t.Parallel()
	t.Run("mails", func(t *testing.T) {
		t.Parallel()
		portstest.Carrier(t, func(t *testing.T) portstest.CarrierSubject {
			t.Helper()
			folder := t.TempDir()
			mailbox, err := outfile.NewMailbox(outfile.Config{Folder: folder})
			if err != nil {
				t.Fatal(err)
			}
			return portstest.CarrierSubject{Carrier: carrier.Mail{To: mailbox}, To: "ana@example.org", Taken: func() []string { return mails(t, folder) }}
		})
	})
}

// mails reads the files in the order of their letters' ids.
func mails(t *testing.T, folder string) (taken []string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(paths)
	for _, path := range paths {
		file, err := os.Open(path) //nolint:gosec // of the test's own folder
		if err != nil {
			t.Fatal(err)
		}
		to, _, text, err := read(file)
		if err := errors.Join(err, file.Close()); err != nil {
			t.Fatal(err)
		}
		letter := to + "\n" + text
		taken = append(taken, letter)
	}
	return taken
}
