package domain_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

func held(n int) []domain.Connection {
	var list []domain.Connection
	for i := range n {
		list = append(list, domain.Connection{Socket: domain.SocketID(strconv.Itoa(i)), ConnectedAt: now.Add(time.Duration(i/2) * time.Second)})
	}
	rand.Shuffle(n, func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

func TestTheOldestConnectionsAreSurplus(t *testing.T) {
	t.Parallel()
	for n, want := range map[int][]domain.SocketID{0: nil, 10: nil, 11: {"0"}, 13: {"0", "1", "2"}} {
		var got []domain.SocketID
		for _, c := range domain.Surplus(held(n)) {
			got = append(got, c.Socket)
		}
		if !slices.Equal(got, want) {
			t.Errorf("of %d: %v, want %v", n, got, want)
		}
	}
}

func TestIDsAreUUIDsInTheirCanonicalForm(t *testing.T) {
	t.Parallel()
	if id, ok := domain.ParseUserID(ben); !ok || id != "01890a5d-ac96-774b-bcce-b302099a8056" {
		t.Errorf("parsed %s, %t", id, ok)
	}
	for _, bad := range []string{"", "x", ana + "0", ana[:35], "{" + ana[1:], "01890a5d_ac96-774b-bcce-b302099a8057", "g1890a5d-ac96-774b-bcce-b302099a8057"} {
		if id, ok := domain.ParseNotificationID(bad); ok {
			t.Errorf("%q was parsed as %s", bad, id)
		}
	}
}

func TestATokenRefreshesItsOwnSessionOnly(t *testing.T) {
	t.Parallel()
	p, ok := domain.NewPrincipal(ana, "session", "USER", now, now)
	if !ok || !p.SameSession(domain.Principal{User: ana, Session: "session", Role: "ADMIN"}) {
		t.Error("the same session is not the same")
	}
	if p.SameSession(domain.Principal{User: ana, Session: "other"}) || p.SameSession(domain.Principal{User: "other", Session: "session"}) {
		t.Error("another is the same")
	}
	if _, ok := domain.NewPrincipal("nobody", "session", "USER", now, now); ok {
		t.Error("a user without a UUID is taken")
	}
}
