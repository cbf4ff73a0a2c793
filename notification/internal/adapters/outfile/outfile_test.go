package outfile_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/wneessen/go-mail"
	"go.uber.org/goleak"

	"github.com/loveapp/backend/notification/internal/adapters/outfile"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports/portstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestMail(t *testing.T) {
	t.Parallel()
	portstest.RunSender(t, func(t *testing.T) portstest.Station {
		t.Helper()
		folder := filepath.Join(t.TempDir(), "mail")
		s, err := outfile.Mail(outfile.Config{Folder: folder})
		return station(t, s, err, domain.Target{Channel: domain.Email, Provider: domain.SMTP, Address: "dora@contact.example"}, func() []string {
			return each(t, folder, func(text []byte) string {
				m, err := mail.EMLToMsgFromString(string(text))
				if err != nil || len(m.GetToString()) != 1 || len(m.GetBcc()) != 0 {
					t.Fatalf("not a mail to one person: %s: %v", text, err)
				}
				content, err := m.GetParts()[0].GetContent()
				if err != nil {
					t.Fatal(err)
				}
				return string(content)
			})
		})
	})
}

func TestSMS(t *testing.T) {
	t.Parallel()
	portstest.RunSender(t, func(t *testing.T) portstest.Station {
		t.Helper()
		folder := filepath.Join(t.TempDir(), "sms")
		s, err := outfile.SMS(outfile.Config{Folder: folder})
		return station(t, s, err, domain.Target{Channel: domain.SMS, Provider: domain.Twilio, Address: "+33612345678"}, func() []string {
			return each(t, folder, func(text []byte) string {
				var m struct{ To, Body string }
				if err := json.Unmarshal(text, &m); err != nil || m.To != "+33612345678" {
					t.Fatalf("not a message: %s: %v", text, err)
				}
				return m.Body
			})
		})
	})
}

func station(t *testing.T, s *outfile.Sender, err error, to domain.Target, seen func() []string) portstest.Station {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return portstest.Station{Sender: s, Target: to, Seen: seen}
}

// each reads the files of folder, which only their owner may read.
func each(t *testing.T, folder string, read func([]byte) string) []string {
	t.Helper()
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, file := range files {
		name := filepath.Join(folder, file.Name())
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Fatalf("%s: %v, %v", name, info.Mode(), err)
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, read(text))
	}
	return all
}

func TestTheSameParcelIsOneFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s, err := outfile.SMS(outfile.Config{Folder: folder})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := s.Send(t.Context(), domain.Parcel{ID: "../1", To: domain.Target{Address: "+1"}, Text: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	files, err := os.ReadDir(folder)
	if err != nil || len(files) != 1 || files[0].Name() != "1.json" {
		t.Errorf("the files are %v: %v", files, err)
	}
}
