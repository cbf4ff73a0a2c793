package portstest

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

func alertsInRooms(t *testing.T, a ports.Alerts) {
	e := hear(t, a)
	first := eventAt(time.Date(2026, 3, 1, 12, 0, 0, 123_000_000, time.UTC))
	tooLong, last := first, first
	tooLong.Data = json.RawMessage(`{"x":"` + strings.Repeat("x", 8000) + `"}`)
	last.ID = "last"
	var many []domain.UserID
	for range 100 {
		many = append(many, newUser())
	}
	said := domain.Alert{
		Events: []domain.Event{first, tooLong, last},
		Closed: []domain.Closing{{ID: "c", Room: newRoom()}, {ID: "d", Room: newRoom(), Users: many}},
	}
	if err := a.Raise(t.Context(), said); err != nil {
		t.Fatal(err)
	}
	var heard domain.Alert
	for put(heard.Closed) < 1+len(many) || len(heard.Events) == 0 || heard.Events[len(heard.Events)-1].ID != "last" {
		heard = heard.With(receive(t, "the rest of the alert", e.heard))
	}
	if diff := cmp.Diff(first, heard.Events[0]); diff != "" {
		t.Errorf("event (-raised +heard):\n%s", diff)
	}
	if heard.Closed[0].ID != "c" || heard.Closed[0].Room != said.Closed[0].Room || len(heard.Closed[0].Users) != 0 {
		t.Errorf("closed %v", heard.Closed[0])
	}
}

// put is how many users are put out; everybody counts as one.
func put(closed []domain.Closing) (users int) {
	for _, c := range closed {
		users += max(1, len(c.Users))
	}
	return users
}
