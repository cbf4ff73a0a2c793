package domain_test

import (
	"encoding/json"
	"testing"

	"github.com/loveapp/backend/notification/internal/domain"
)

func TestOnlyTheEndOfACallForHelpEndsATicket(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		category domain.Category
		data     string
		want     string
	}{
		"resolved":           {domain.SOS, `{"kind":"sos.resolved","ticketId":"t"}`, "t"},
		"cancelled":          {domain.SOS, `{"kind":"sos.cancelled","ticketId":"t"}`, "t"},
		"acknowledged":       {domain.SOS, `{"kind":"sos.acknowledged","ticketId":"t"}`, ""},
		"of no ticket":       {domain.SOS, `{"kind":"sos.resolved"}`, ""},
		"another category":   {domain.General, `{"kind":"sos.resolved","ticketId":"t"}`, ""},
		"a ticket of no use": {domain.SOS, `{"kind":"sos.resolved","ticketId":7}`, ""},
		"nothing":            {domain.SOS, ``, ""},
	} {
		d := domain.Draft{Category: c.category, Data: json.RawMessage(c.data)}
		if got := d.EndedTicket(); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
