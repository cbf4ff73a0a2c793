package journeys_test

import (
	"net/http"
	"testing"

	"github.com/loveapp/backend/test/world"
)

func TestARefreshTokenIsGoodForOneSuccessor(t *testing.T) {
	t.Parallel()
	everywhere(t, world.Size{}, func(t *testing.T, w world.World) {
		ada := world.SignUp(t, w, "Ada")
		parent, device := ada.Tokens.RefreshToken, ada.Tokens.DeviceToken

		var child, grandchild world.AuthResult
		ada.Refresh(parent, device).Want(http.StatusOK).Into(&child)
		if child.RefreshToken == parent || child.SessionID != ada.Tokens.SessionID || child.User.ID != ada.ID() {
			t.Errorf("the refresh brings session %s and token changed: %v", child.SessionID, child.RefreshToken != parent)
		}
		ada.Refresh(child.RefreshToken, device).Want(http.StatusOK).Into(&grandchild)
		ada.Tokens = grandchild
		ada.Profile().Want(http.StatusOK)
	})
}

func TestALostReplySignsNobodyOut(t *testing.T) {
	t.Parallel()
	everywhere(t, world.Size{}, func(t *testing.T, w world.World) {
		ada := world.SignUp(t, w, "Ada")
		parent, device := ada.Tokens.RefreshToken, ada.Tokens.DeviceToken

		var lost, repeated world.AuthResult
		ada.Refresh(parent, device).Want(http.StatusOK).Into(&lost)
		ada.Refresh(parent, device).Want(http.StatusOK).Into(&repeated)
		if repeated.RefreshToken != lost.RefreshToken {
			t.Error("the parent token forks the session: two successors")
		}
		ada.Tokens = repeated
		ada.Profile().Want(http.StatusOK)
		ada.Renew()
		ada.Profile().Want(http.StatusOK)
	})
}

func TestAStolenRefreshTokenEndsTheSession(t *testing.T) {
	t.Parallel()
	everywhere(t, world.Size{}, func(t *testing.T, w world.World) {
		ada := world.SignUp(t, w, "Ada")
		stolen := ada.Tokens.RefreshToken
		ada.Renew()
		phone := ada.Connect()

		world.Visitor(t, w).Refresh(stolen, "").Refused(http.StatusUnauthorized, "session_ended")
		ada.Refresh(ada.Tokens.RefreshToken, ada.Tokens.DeviceToken).Refused(http.StatusUnauthorized, "session_ended")
		eventually(t, "the access token of the stolen session counts no more", refused(ada.Profile))
		phone.ExpectClose(world.Patience, unauthenticated)
		ada.Login().Want(http.StatusOK)
	})
}

// refused asks as often as it takes to have asked every copy: a balancer spreads the questions.
func refused(ask func() world.Answer) func() bool {
	const inARow = 4
	return func() bool {
		for range inARow {
			if ask().Status != http.StatusUnauthorized {
				return false
			}
		}
		return true
	}
}

// unauthenticated is the close code for a socket whose token has ended.
const unauthenticated = 4401

func TestSigningOutCountsEverywhereWithinASecond(t *testing.T) {
	t.Parallel()
	everywhere(t, world.Size{}, func(t *testing.T, w world.World) {
		ada := world.SignUp(t, w, "Ada")
		tablet := ada.OnAnotherDevice()
		phone, screen := ada.Connect(), tablet.Connect()
		ended := ada.Tokens

		ada.Logout()
		for name, ask := range map[string]func() world.Answer{
			"auth":         ada.Profile,
			"notification": func() world.Answer { return ada.Do(world.Call{Method: http.MethodGet, Path: "/v1/notifications"}) },
			"sos":          func() world.Answer { return ada.Do(world.Call{Method: http.MethodGet, Path: "/v1/sos/contacts"}) },
		} {
			eventually(t, name+" refuses the signed-out token", refused(ask))
			ask().Refused(http.StatusUnauthorized, "session_ended")
		}
		phone.ExpectClose(world.Patience, unauthenticated)
		if status := ada.RefusedStatus(ended.AccessToken); status != http.StatusUnauthorized {
			t.Errorf("a new socket with the signed-out token answers %d, want 401", status)
		}
		ada.Refresh(ended.RefreshToken, ended.DeviceToken).Refused(http.StatusUnauthorized, "session_ended")

		tablet.Profile().Want(http.StatusOK) // the other device stays
		screen.ExpectNothingElse()
	})
}

func TestAWrongPasswordTellsNothing(t *testing.T) {
	t.Parallel()
	everywhere(t, world.Size{}, func(t *testing.T, w world.World) {
		ada, nobody := world.SignUp(t, w, "Ada"), world.Visitor(t, w)
		nobody.Email, nobody.Password = "nobody@example.org", ada.Password
		ada.Password = "not the right one"
		wrong := ada.Login().Refused(http.StatusUnauthorized, "invalid_credentials")
		unknown := nobody.Login().Refused(http.StatusUnauthorized, "invalid_credentials")
		if wrong.Detail != unknown.Detail || wrong.Title != unknown.Title {
			t.Errorf("a known address is told %q, an unknown one %q", wrong.Detail, unknown.Detail)
		}
	})
}
