package notification_test

import (
	"net/http"
	"testing"

	"github.com/loveapp/backend/notification/internal/wstest"
)

func (i *instance) listen(user, lastID string) *wstest.Events {
	i.tb.Helper()
	header := http.Header{"Authorization": {"Bearer " + i.auth.token(user, newID())}}
	if lastID != "" {
		header.Set("Last-Event-ID", lastID)
	}
	events, answer := wstest.Listen(i.tb, i.URL, "", header, false)
	if events == nil {
		i.tb.Fatalf("the stream was answered %s", answer.Status)
	}
	events.Expect("connected")
	return events
}

func TestAStreamGoesOnAtAnotherInstanceWhereItWasCutOff(t *testing.T) {
	t.Parallel()
	_, one, other := two(t)
	ana := newID()
	first := other.listen(ana, "")
	one.notify(ana, "medium")
	if got := first.Expect("notification"); got.ID != "1" {
		t.Fatalf("got %+v", got)
	}
	first.Cut()
	one.notify(ana, "medium")
	one.notify(ana, "critical")
	second := one.listen(ana, first.LastID)
	for _, id := range []string{"2", "3"} {
		if got := second.Expect("notification"); got.ID != id {
			t.Errorf("got %+v, want the id %s", got, id)
		}
	}
	if end := second.Expect("resumed"); end.ID != "3" {
		t.Errorf("resumed: %+v", end)
	}
	other.notify(ana, "medium")
	if got := second.Expect("notification"); got.ID != "4" {
		t.Errorf("got %+v", got)
	}
}
