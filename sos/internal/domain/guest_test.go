package domain_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

func TestAGuestsSecretIsAtLeast256BitsInBase64URL(t *testing.T) {
	t.Parallel()
	secret := base64.RawURLEncoding.EncodeToString([]byte(strings.Repeat("x", 32)))
	id, ok := domain.GuestID(secret)
	if !ok || !id.Guest() || strings.Contains(string(id), secret) {
		t.Fatalf("%q, %v", id, ok)
	}
	if padded, ok := domain.GuestID(secret + "="); !ok || padded != id {
		t.Errorf("padded it is another guest: %q, %v", padded, ok)
	}
	for _, bad := range []string{"", secret[:42], secret + "\n", strings.Repeat("+", 43), strings.Repeat("A", 400)} {
		if _, ok := domain.GuestID(bad); ok {
			t.Errorf("%q is a secret", bad)
		}
	}
	if domain.UserID("0198c0de-0000-7000-8000-000000000000").Guest() {
		t.Error("an account is a guest")
	}
}

func TestTheEleventhGuestAtAnAddressWakesNoDispatcher(t *testing.T) {
	t.Parallel()
	for open, want := range map[int]int{9: 1, 10: 0} {
		desk := domain.Desk{Now: time.Now(), OpenAtAddress: open, Standing: domain.Standing{Policy: domain.DefaultPolicy(), Dispatchers: []domain.UserID{"dora"}}}
		c := domain.Open("t", domain.Press{Reporter: "guest:1", Guest: &domain.Guest{Address: "here"}}, desk)
		if got := len(c.Alerts()); got != want {
			t.Errorf("with %d others: %d alerts", open, got)
		}
	}
}
