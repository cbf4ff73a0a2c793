package world

import (
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Writing is a World without a mail server and an SMS service: it puts what it
// would send into a folder, as the all-in-one does.
type Writing interface {
	World
	// Folder is where mail/*.eml and sms/*.json appear.
	Folder() string
}

// Folder is the world's data folder.
func (w *embeddedWorld) Folder() string { return w.dir }

// Written is a mail or text as its receiver reads it.
type Written struct {
	To      string
	Subject string // "" of a text message
	Text    string
}

// Link is the last word of it, where that is a URL.
func (w Written) Link() string {
	words := strings.Fields(w.Text)
	if len(words) == 0 || !strings.HasPrefix(words[len(words)-1], "http") {
		return ""
	}
	return words[len(words)-1]
}

// ExpectWritten waits for what is written to the address with the words in it.
func ExpectWritten(t T, w Writing, to, words string) Written {
	t.Helper()
	const pause = 20 * time.Millisecond
	var seen []Written
	for deadline := time.Now().Add(Patience); time.Now().Before(deadline); <-time.After(pause) {
		seen = WrittenTo(t, w, to)
		for _, one := range seen {
			if strings.Contains(one.Subject+"\n"+one.Text, words) {
				return one
			}
		}
	}
	t.Fatalf("nothing with %q is written to %s within %s, only %+v", words, to, Patience, seen)
	return Written{}
}

// ExpectNumberWritten waits until there are n mails and texts to the address.
func ExpectNumberWritten(t T, w Writing, to string, n int) {
	t.Helper()
	const pause = 20 * time.Millisecond
	var seen []Written
	for deadline := time.Now().Add(Patience); time.Now().Before(deadline); <-time.After(pause) {
		if seen = WrittenTo(t, w, to); len(seen) >= n {
			break
		}
	}
	if len(seen) != n {
		t.Fatalf("%d are written to %s, not %d: %+v", len(seen), to, n, seen)
	}
}

// WrittenTo is everything that is written to the address so far.
func WrittenTo(t T, w Writing, to string) []Written {
	t.Helper()
	var found []Written
	for pattern, read := range map[string]func(*os.File) (Written, error){"mail/*.eml": readMail, "sms/*.json": readText} {
		names, err := filepath.Glob(filepath.Join(w.Folder(), pattern))
		if err != nil {
			t.Fatalf("look for %s: %v", pattern, err)
		}
		for _, name := range names {
			one, err := readFile(name, read)
			if err != nil {
				t.Fatalf("read %s: %v", name, err)
			}
			if one.To == to {
				found = append(found, one)
			}
		}
	}
	return found
}

func readFile(name string, read func(*os.File) (Written, error)) (Written, error) {
	file, err := os.Open(name) //nolint:gosec // in the test's own folder
	if err != nil {
		return Written{}, err
	}
	defer func() { _ = file.Close() }()
	return read(file)
}

func readText(file *os.File) (Written, error) {
	var text struct{ To, Body string }
	err := json.NewDecoder(file).Decode(&text)
	return Written{To: text.To, Text: text.Body}, err
}

// readMail reads the plain text of a mail, which comes first.
func readMail(file *os.File) (Written, error) {
	message, err := mail.ReadMessage(file)
	if err != nil {
		return Written{}, err
	}
	to, err := mail.ParseAddress(message.Header.Get("To"))
	if err != nil {
		return Written{}, err
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject"))
	if err != nil {
		return Written{}, err
	}
	text, err := plain(message)
	return Written{To: to.Address, Subject: subject, Text: text}, err
}

func plain(message *mail.Message) (string, error) {
	kind, parameters, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil {
		return "", err
	}
	var body io.Reader = quotedprintable.NewReader(message.Body)
	if strings.HasPrefix(kind, "multipart/") {
		if body, err = multipart.NewReader(message.Body, parameters["boundary"]).NextPart(); err != nil { // it decodes quoted-printable
			return "", err
		}
	}
	text, err := io.ReadAll(body)
	return string(text), err
}
