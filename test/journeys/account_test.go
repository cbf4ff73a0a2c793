package journeys_test

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/test/world"
)

// withPost runs a journey in the worlds whose mails can be read: processes of
// their own have no folder to look into.
func withPost(t *testing.T, journey func(t *testing.T, w world.Posted)) {
	t.Helper()
	for name, begin := range map[string]func(t *testing.T) world.World{
		"fake": func(t *testing.T) world.World { t.Helper(); return world.Fake(t, world.Size{}) },
		"embedded": func(t *testing.T) world.World {
			t.Helper()
			return world.Embedded(t, world.OwnServers(t), world.Size{})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			posted, ok := begin(t).(world.Posted)
			if !ok {
				t.Fatal("its mails cannot be read")
			}
			journey(t, posted)
		})
	}
}

func post(p *world.Person, path string, body map[string]any) world.Answer {
	return p.Do(world.Call{Method: http.MethodPost, Path: path, Body: body})
}

func verifiedAddress(t *testing.T, p *world.Person) bool {
	t.Helper()
	var user struct{ EmailVerified bool }
	p.Profile().Want(http.StatusOK).Into(&user)
	return user.EmailVerified
}

func TestANewcomerProvesTheirAddressAndFindsWhoInvitedThem(t *testing.T) {
	t.Parallel()
	withPost(t, func(t *testing.T, w world.Posted) {
		t.Helper()
		ada, bob := world.SignUp(t, w, "Ada"), world.SignUp(t, w, "Bob")
		post(ada, "/v1/sos/contacts", map[string]any{"name": "Bob", "email": bob.Email}).Want(http.StatusCreated)
		invitations := func() int {
			var list struct{ Items []struct{ ID string } }
			bob.Do(world.Call{Method: http.MethodGet, Path: "/v1/sos/invitations"}).Want(http.StatusOK).Into(&list)
			return len(list.Items)
		}
		if n := invitations(); n != 0 || verifiedAddress(t, bob) {
			t.Fatalf("before anything is proved Bob sees %d invitations", n)
		}
		token := world.TokenIn(world.AwaitLetter(t, w, bob.Email, "/verify#"))
		post(bob, "/v1/auth/email/verify", map[string]any{"token": token}).Want(http.StatusNoContent)
		if n := invitations(); n != 1 || !verifiedAddress(t, bob) {
			t.Errorf("now Bob sees %d invitations", n)
		}
		cleo := world.SignUp(t, w, "Cleo")
		post(cleo, "/v1/sos/contacts", map[string]any{"name": "Bob", "email": strings.ToUpper(bob.Email)}).Want(http.StatusCreated)
		invited := awaitInvitation(t, bob, "Cleo")
		if invited.Category != "system" || invitations() != 2 {
			t.Errorf("Bob is told %+v", invited)
		}
		if used := post(bob, "/v1/auth/email/verify", map[string]any{"token": token}); used.Status != http.StatusGone {
			t.Errorf("used again the link answers %d", used.Status)
		}
	})
}

// awaitInvitation is where the inbox says who wants the person as a contact. Who
// proves an address right after somebody else named it may hear of that, too.
func awaitInvitation(t *testing.T, p *world.Person, from string) world.Notification {
	t.Helper()
	var invitation world.Notification
	within(t, time.Minute, "an invitation by "+from, func() bool {
		for _, n := range p.Inbox().Items {
			if n.Kind() == "sos.contact_invited" && n.Data["reporterName"] == from {
				invitation = n
				return true
			}
		}
		return false
	})
	return invitation
}

func TestWhoForgotThePasswordChoosesAnotherByMail(t *testing.T) {
	t.Parallel()
	withPost(t, func(t *testing.T, w world.Posted) {
		t.Helper()
		ada := world.SignUp(t, w, "Ada")
		stranger := world.Visitor(t, w)
		post(stranger, "/v1/auth/password/forgot", map[string]any{"email": ada.Email}).Want(http.StatusAccepted)
		post(stranger, "/v1/auth/password/forgot", map[string]any{"email": "nobody-" + ada.Email}).Want(http.StatusAccepted)
		token := world.TokenIn(world.AwaitLetter(t, w, ada.Email, "/reset#"))
		old := *ada
		ada.Password = rand.Text()
		post(stranger, "/v1/auth/password/reset", map[string]any{"token": token, "newPassword": ada.Password}).Want(http.StatusNoContent)
		eventually(t, "the old session is over", func() bool { return old.Profile().Status == http.StatusUnauthorized })
		if again := old.Login(); again.Status != http.StatusUnauthorized {
			t.Errorf("the old password answers %d", again.Status)
		}
		ada.Login().Want(http.StatusOK)
	})
}

func TestANumberIsProvedByTheCodeOfATextMessage(t *testing.T) {
	t.Parallel()
	withPost(t, func(t *testing.T, w world.Posted) {
		t.Helper()
		ada := world.SignUp(t, w, "Ada")
		phone := newNumber()
		post(ada, "/v1/auth/phone/verify", map[string]any{"phone": phone}).Want(http.StatusAccepted)
		code := world.CodeIn(world.AwaitLetter(t, w, phone, "Love App"))
		post(ada, "/v1/auth/phone/confirm", map[string]any{"phone": phone, "code": code}).Want(http.StatusNoContent)
		var user struct {
			Phone         string
			PhoneVerified bool
		}
		ada.Profile().Want(http.StatusOK).Into(&user)
		if user.Phone != phone || !user.PhoneVerified {
			t.Errorf("the profile says %+v", user)
		}
	})
}

// newNumber is nobody's.
func newNumber() string {
	var raw [8]byte
	_, _ = rand.Read(raw[:]) // never fails (Go 1.24)
	const digits = 100_000_000
	return fmt.Sprintf("+49151%08d", binary.BigEndian.Uint64(raw[:])%digits)
}
