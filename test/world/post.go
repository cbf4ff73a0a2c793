package world

import (
	"encoding/json"
	"io"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"time"

	"github.com/loveapp/backend/auth/authtest"
)

// Posted is a World whose mails and text messages can be read.
type Posted interface {
	World
	// Letters are the texts that went to the address so far, the oldest first.
	Letters(to string) []string
}

// postPatience is for what is sent off the path.
const postPatience = 30 * time.Second

// AwaitLetter waits for a letter to the address that has what is wanted.
func AwaitLetter(t T, w Posted, to, wanted string) string {
	t.Helper()
	for deadline := time.Now().Add(postPatience); ; time.Sleep(20 * time.Millisecond) { //nolint:mnd // fifty looks a second
		for _, text := range w.Letters(to) {
			if strings.Contains(text, wanted) {
				return text
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("no letter with %q came", wanted)
			return ""
		}
	}
}

var (
	linkToken = regexp.MustCompile(`#([A-Za-z0-9_-]+)`)
	smsCode   = regexp.MustCompile(`\b\d{6}\b`)
)

// TokenIn is what stands behind the # of a letter's link.
func TokenIn(letter string) string {
	if found := linkToken.FindStringSubmatch(letter); found != nil {
		return found[1]
	}
	return ""
}

// CodeIn is the six digits of a text message.
func CodeIn(letter string) string { return smsCode.FindString(letter) }

// Letters are those that auth has sent.
func (w fakeWorld) Letters(to string) (texts []string) { return textsOf(w.auth.Letters(to)) }

func textsOf(letters []authtest.Letter) (texts []string) {
	for _, l := range letters {
		texts = append(texts, l.Text)
	}
	return texts
}

// Letters are the files that lie in the data folder, as a newcomer finds them.
func (w *embeddedWorld) Letters(to string) (texts []string) {
	for _, path := range filesOf(w.dir, "mail/*.eml", "sms/*.json") {
		content, err := os.ReadFile(path)
		if err != nil {
			continue // a draft that has just got its name
		}
		if text, ok := read(path, content, to); ok {
			texts = append(texts, text)
		}
	}
	return texts
}

// filesOf are in the order in which they were made: their names are UUIDv7.
func filesOf(dir string, patterns ...string) (paths []string) {
	for _, pattern := range patterns {
		found, _ := filepath.Glob(filepath.Join(dir, pattern)) // the patterns are well formed
		sort.Strings(found)
		paths = append(paths, found...)
	}
	return paths
}

func read(path string, content []byte, to string) (string, bool) {
	if strings.HasSuffix(path, ".json") {
		var message struct{ To, Body string }
		err := json.Unmarshal(content, &message)
		return message.Body, err == nil && message.To == to
	}
	letter, err := mail.ReadMessage(strings.NewReader(string(content)))
	if err != nil || !strings.Contains(letter.Header.Get("To"), "<"+to+">") {
		return "", false
	}
	text, err := io.ReadAll(quotedprintable.NewReader(letter.Body))
	return string(text), err == nil
}
