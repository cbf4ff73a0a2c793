package httpapi_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/auth/authtest"
)

const refresh = "/v1/auth/refresh"

// device is a phone with a session.
type device struct {
	phone
	auth    *authtest.Auth
	session authtest.Session
}

func signedIn(t *testing.T) device {
	t.Helper()
	a := authtest.Start(t, authtest.Options{})
	s := a.Register("ana@example.org", "Ana")
	return device{newPhone(t, a).on(s.DeviceToken), a, s}
}

// rotate refreshes and gives the successor.
func (d device) rotate(token string) string {
	d.t.Helper()
	return d.post(refresh, refreshing(d.t, token)).is(http.StatusOK, "").text("refreshToken")
}

// alive says whether the session's newest access token is still good.
func (d device) alive() {
	d.t.Helper()
	d.as(d.session.AccessToken).get("/v1/auth/profile").is(http.StatusOK, "")
}

// dead says that nothing of the session is of any use: theft was found.
func (d device) dead(tokens ...string) {
	d.t.Helper()
	d.as(d.session.AccessToken).get("/v1/auth/profile").is(http.StatusUnauthorized, "session_ended")
	for _, token := range tokens {
		d.post(refresh, refreshing(d.t, token)).is(http.StatusUnauthorized, "session_ended")
	}
	if !slices.Contains(d.auth.Events(), "session.theft_detected") {
		d.t.Error("nothing was recorded")
	}
}

func TestARefreshGivesTheNextTokensOfTheSameSession(t *testing.T) {
	t.Parallel()
	d := signedIn(t)
	got := d.post(refresh, refreshing(t, d.session.RefreshToken)).is(http.StatusOK, "")
	if got.text("sessionId") != d.session.SessionID || got.text("deviceToken") != d.session.DeviceToken {
		t.Errorf("another session or device: %s", got.raw)
	}
	for _, key := range []string{"refreshToken", "accessToken", "sosCredential"} {
		if text := got.text(key); text == "" || text == d.session.RefreshToken || text == d.session.AccessToken {
			t.Errorf("%s: %q", key, text)
		}
	}
	d.as(got.text("accessToken")).get("/v1/auth/profile").is(http.StatusOK, "")
	d.alive() // the access token before is good until it expires
}

func TestALostAnswerIsGivenAgainHoweverLongItTakes(t *testing.T) {
	t.Parallel()
	d := signedIn(t)
	child := d.rotate(d.session.RefreshToken)
	d.auth.Advance(300 * 24 * time.Hour)
	for range 3 {
		if again := d.rotate(d.session.RefreshToken); again != child {
			t.Fatal("the parent has a second child")
		}
	}
	d.rotate(child)
}

func TestAParentIsGoodForHalfAMinuteAfterItsSuccessorWasUsed(t *testing.T) {
	t.Parallel()
	d := signedIn(t)
	child := d.rotate(d.session.RefreshToken)
	grandchild := d.rotate(child)
	d.auth.Advance(29 * time.Second)
	if again := d.rotate(d.session.RefreshToken); again != child {
		t.Fatal("not its own successor")
	}
	if again := d.rotate(child); again != grandchild {
		t.Fatal("the child forked")
	}
	d.alive()
}

func TestAParentLongAfterItsSuccessorWasUsedIsTheft(t *testing.T) {
	t.Parallel()
	d := signedIn(t)
	grandchild := d.rotate(d.rotate(d.session.RefreshToken))
	d.auth.Advance(31 * time.Second)
	d.post(refresh, refreshing(t, d.session.RefreshToken)).is(http.StatusUnauthorized, "session_ended")
	d.dead(grandchild)
}

func TestAnOlderAncestorIsTheftAtOnce(t *testing.T) {
	t.Parallel()
	d := signedIn(t)
	newest := d.rotate(d.rotate(d.rotate(d.session.RefreshToken)))
	d.post(refresh, refreshing(t, d.session.RefreshToken)).is(http.StatusUnauthorized, "session_ended")
	d.dead(newest)
}

func TestAParentWithoutTheDeviceTokenIsTheft(t *testing.T) {
	t.Parallel()
	for name, show := range map[string]func(d device) string{
		"none":            func(device) string { return "" },
		"garbage":         func(device) string { return "garbage" },
		"somebody else's": func(d device) string { return d.auth.Register("eve@example.org", "").DeviceToken },
		"of another device of the same user": func(d device) string {
			return d.on("").post(login, credentials(d.t, "ana@example.org", authtest.Password)).text("deviceToken")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := signedIn(t)
			child := d.rotate(d.session.RefreshToken)
			d.on(show(d)).post(refresh, refreshing(t, d.session.RefreshToken)).is(http.StatusUnauthorized, "session_ended")
			d.dead(child)
		})
	}
}

func TestAThiefWhoIsFasterIsFoundWhenThePhoneComes(t *testing.T) {
	t.Parallel()
	d := signedIn(t)
	stolen := d.on("").post(refresh, refreshing(t, d.session.RefreshToken)).is(http.StatusOK, "")
	if stolen.text("deviceToken") == d.session.DeviceToken {
		t.Fatal("the thief was given what proves to be the phone")
	}
	d.post(refresh, refreshing(t, d.session.RefreshToken)).is(http.StatusUnauthorized, "session_ended")
	d.dead(stolen.text("refreshToken"))
	d.as(stolen.text("accessToken")).get("/v1/auth/profile").is(http.StatusUnauthorized, "session_ended")
}

func TestAClientThatNeverKeptADeviceTokenCanGoOnRefreshing(t *testing.T) {
	t.Parallel()
	d := signedIn(t)
	token := d.session.RefreshToken
	for range 3 {
		token = d.on("").post(refresh, refreshing(t, token)).is(http.StatusOK, "").text("refreshToken")
	}
}

func TestFiftyRefreshesAtOnceHaveOneSuccessor(t *testing.T) {
	t.Parallel()
	d := signedIn(t)
	var mu sync.Mutex
	children := map[string]int{}
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			child := d.rotate(d.session.RefreshToken)
			mu.Lock()
			defer mu.Unlock()
			children[child]++
		})
	}
	group.Wait()
	if len(children) != 1 {
		t.Fatalf("%d successors", len(children))
	}
	d.alive()
}

func TestWhatIsNoRefreshTokenOfOursIsOneAnswerAndHarmsNobody(t *testing.T) {
	t.Parallel()
	d := signedIn(t)
	parts := strings.Split(d.session.RefreshToken, ".")
	other := strings.Split(d.auth.Register("bea@example.org", "").RefreshToken, ".")
	join := func(parts ...string) string { return strings.Join(parts, ".") }
	want := d.post(refresh, refreshing(t, "garbage")).is(http.StatusUnauthorized, "unauthenticated").problem()
	for name, token := range map[string]string{
		"no parts":                        "lrt",
		"another prefix":                  join("xxx", parts[1], parts[2], parts[3]),
		"a part too many":                 d.session.RefreshToken + ".x",
		"generation 0":                    join(parts[0], parts[1], "0", parts[3]),
		"another generation":              join(parts[0], parts[1], "2", parts[3]),
		"a generation of two spellings":   join(parts[0], parts[1], "01", parts[3]),
		"a generation with a sign":        join(parts[0], parts[1], "+1", parts[3]),
		"a generation beyond all":         join(parts[0], parts[1], "9223372036854775807", parts[3]),
		"another session's secret":        join(parts[0], parts[1], parts[2], other[3]),
		"another session":                 join(parts[0], other[1], parts[2], parts[3]),
		"a session that is no id":         join(parts[0], "' OR 1=1 --", parts[2], parts[3]),
		"a session in capitals":           join(parts[0], strings.ToUpper(parts[1]), parts[2], parts[3]),
		"a secret of two spellings":       join(parts[0], parts[1], parts[2], parts[3][:42]+string(parts[3][42]+1)),
		"a secret with a line break":      join(parts[0], parts[1], parts[2], parts[3][:20]+"\n"+parts[3][20:]),
		"a short secret":                  join(parts[0], parts[1], parts[2], parts[3][:40]),
		"no secret":                       join(parts[0], parts[1], parts[2], ""),
		"sixty thousand characters":       strings.Repeat("x", 60_000),
		"a token with a space at its end": d.session.RefreshToken + " ",
	} {
		got := d.post(refresh, refreshing(t, token)).is(http.StatusUnauthorized, "unauthenticated").problem()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	d.alive()
	d.rotate(d.session.RefreshToken)
}

func TestASessionThatIsNotThereHasEnded(t *testing.T) {
	t.Parallel()
	d := signedIn(t)
	parts := strings.Split(d.session.RefreshToken, ".")
	gone := strings.Join([]string{parts[0], "01900000-0000-7000-8000-000000000000", parts[2], parts[3]}, ".")
	d.post(refresh, refreshing(t, gone)).is(http.StatusUnauthorized, "session_ended")
	got := d.post(refresh, `{}`).is(http.StatusUnprocessableEntity, "validation_failed")
	if diff := cmp.Diff(map[string]string{"refreshToken": "required"}, got.fields()); diff != "" {
		t.Error(diff)
	}
	d.post(refresh, `{"refreshToken": "x", "scope": "admin"}`).is(http.StatusUnprocessableEntity, "unknown_field")
}

func TestAPhoneInADrawerIsSignedInForFourHundredDays(t *testing.T) {
	t.Parallel()
	d := signedIn(t)
	token := d.session.RefreshToken
	for range 3 { // no absolute limit
		d.auth.Advance(399 * 24 * time.Hour)
		token = d.rotate(token)
	}
	d.auth.Advance(401 * 24 * time.Hour)
	d.post(refresh, refreshing(t, token)).is(http.StatusUnauthorized, "session_ended")
}

func TestRepeatingCountsAsUse(t *testing.T) {
	t.Parallel()
	d := signedIn(t)
	d.rotate(d.session.RefreshToken)
	for range 3 {
		d.auth.Advance(399 * 24 * time.Hour)
		d.rotate(d.session.RefreshToken)
	}
}

func TestAnAdministratorsSessionIsShort(t *testing.T) {
	t.Parallel()
	idle := signedIn(t)
	idle.auth.SetRole(idle.session.UserID, "ADMIN")
	token := idle.rotate(idle.session.RefreshToken)
	idle.auth.Advance(12*time.Hour + time.Second)
	idle.post(refresh, refreshing(t, token)).is(http.StatusUnauthorized, "session_ended")

	busy := signedIn(t)
	busy.auth.SetRole(busy.session.UserID, "SUPER_ADMIN")
	token = busy.session.RefreshToken
	for range 60 {
		busy.auth.Advance(11*time.Hour + 59*time.Minute)
		token = busy.rotate(token)
	}
	busy.auth.Advance(time.Hour) // 30 days
	busy.post(refresh, refreshing(t, token)).is(http.StatusUnauthorized, "session_ended")
}

func TestABannedUserCannotRefresh(t *testing.T) {
	t.Parallel()
	d := signedIn(t)
	d.auth.Ban(d.session.UserID)
	d.post(refresh, refreshing(t, d.session.RefreshToken)).is(http.StatusUnauthorized, "session_ended")
	d.as(d.session.AccessToken).get("/v1/auth/profile").is(http.StatusUnauthorized, "session_ended")
}

func TestARoleCountsFromTheNextRefreshOn(t *testing.T) {
	t.Parallel()
	d := signedIn(t)
	d.auth.SetRole(d.session.UserID, "VOLUNTEER")
	access := d.post(refresh, refreshing(t, d.session.RefreshToken)).is(http.StatusOK, "").text("accessToken")
	if claims, err := verifier(t, d.auth).Verify(t.Context(), access); err != nil || claims.Role != "VOLUNTEER" {
		t.Fatalf("%+v %v", claims, err)
	}
}
