package portstest

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/loveapp/backend/notification/internal/domain"
)

func placesForgotten(t *testing.T, s Stored) {
	ana, ben := newUser(), newUser()
	alarm := func(user domain.UserID, category domain.Category, ticket string) []domain.Entry {
		d := draft(string(category) + ticket)
		d.Category, d.Data = category, json.RawMessage(`{"kind":"sos.triggered","ticketId":"`+ticket+`","location":{"latitude":52.5}}`)
		return to(d, user)
	}
	store(t, s, slices.Concat(
		alarm(ana, domain.SOS, "over"), alarm(ben, domain.SOS, "over"), alarm(ana, domain.SOS, "open"), alarm(ana, domain.General, "over"),
	))
	for range 2 {
		if err := s.ForgetPlaces(t.Context(), []string{"over", "unknown"}); err != nil {
			t.Fatal(err)
		}
	}
	for user, want := range map[domain.UserID][]bool{ana: {false, true, true}, ben: {false}} {
		items := since(t, s, user, 0, domain.Seq(len(want)), 10).Items
		if len(items) != len(want) {
			t.Fatalf("%d entries, want %d", len(items), len(want))
		}
		for i, n := range items {
			var data map[string]any
			if err := json.Unmarshal(n.Data, &data); err != nil {
				t.Fatal(err)
			}
			if _, shown := data["location"]; shown != want[i] || data["kind"] != "sos.triggered" || data["ticketId"] == nil {
				t.Errorf("entry %d: %s", n.Seq, n.Data)
			}
		}
	}
}
