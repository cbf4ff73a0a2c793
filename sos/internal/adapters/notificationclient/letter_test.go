package notificationclient_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/shared/event"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports/portstest"
)

func TestTheClientKeepsThePostsContract(t *testing.T) {
	t.Parallel()
	portstest.RunPost(t, func(t *testing.T) portstest.Office {
		i, url := serve(t)
		return portstest.Office{
			Post: client(t, url),
			Fail: func(failing bool) {
				i.set(func(i *intake) { i.status = map[bool]int{true: http.StatusInternalServerError}[failing] })
			},
			Refuse: func(address string) { i.set(func(i *intake) { i.refuse = address }) },
			Close:  func(channel domain.AddressChannel) { i.set(func(i *intake) { i.closed = string(channel) }) },
			Taken:  func() int { n, _ := i.count(); return n },
		}
	})
}

func TestLettersOnTheWire(t *testing.T) {
	t.Parallel()
	at := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	told := alarm()[0]
	told.Recipient = "contact:01900000-0000-7000-8000-000000000009"
	for name, c := range map[string]struct {
		letter domain.Letter
		want   event.Notification
	}{
		"an alarm, without the place": {
			domain.Letter{To: domain.Mailbox{Channel: domain.BySMS, To: "+4915112345678", Locale: "fr"}, URL: "https://love.example/track#t", Alert: &told},
			event.Notification{
				Category: "sos", Priority: "critical", Title: "Drill: Ann needs help", Body: "Medical emergency. Open the app to see where, and say that you know.", CreatedAt: at,
				Address: &event.Address{Channel: "sms", To: "+4915112345678", Locale: "fr"},
				Data: map[string]any{
					"kind": "sos.triggered", "ticketId": "01900000-0000-7000-8000-000000000001", "reporterName": "Ann", "emergencyType": "medical", "drill": true,
					"url": "https://love.example/track#t",
				},
			},
		},
		"the question for consent": {
			domain.Letter{
				To: domain.Mailbox{Channel: domain.ByEmail, To: "gran@example.com"}, URL: "https://love.example/consent#t",
				Request: &domain.ConsentRequest{ID: "01900000-0000-7000-8000-000000000005", At: at},
			},
			event.Notification{
				Category: "sos", Priority: "medium", Title: "May we write to you if Someone needs help?", CreatedAt: at,
				Body:    "Someone has named you as an emergency contact. We write to you only if you agree. Follow the link to agree or to decline; if you do nothing, you will not hear from us again.",
				Address: &event.Address{Channel: "email", To: "gran@example.com"},
				Data:    map[string]any{"kind": "contact.consent", "ownerName": "Someone", "url": "https://love.example/consent#t"},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i, url := serve(t)
			if unsent, err := client(t, url).Write(t.Context(), []domain.Letter{c.letter}); err != nil || len(unsent) != 0 {
				t.Fatalf("unsent %v (%v)", unsent, err)
			}
			for _, got := range i.taken {
				if len(got.EventID) != 36 {
					t.Errorf("event %q", got.EventID)
				}
				got.EventID = ""
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Error(diff)
				}
			}
			if len(i.taken) != 1 {
				t.Errorf("%d taken", len(i.taken))
			}
		})
	}
}
