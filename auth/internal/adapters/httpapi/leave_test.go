package httpapi_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/auth/authtest"
	"github.com/loveapp/backend/shared/eventually"
)

const (
	export = "/v1/auth/profile/export"
	grace  = 30 * 24 * time.Hour
)

func (p phone) leave(proof string) answer {
	return p.send(http.MethodDelete, profile, strings.NewReader(asJSON(p.t, map[string]string{"reauthToken": proof})), "application/json")
}

func TestWhoLeavesCanComeBackForThirtyDays(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	s := a.Register("ana@example.org", "Ana")
	p := newPhone(t, a).as(s.AccessToken)
	got := p.leave(p.proof()).is(http.StatusAccepted, "")
	at, err := time.Parse("2006-01-02T15:04:05.000Z", got.text("deleteAfter"))
	if err != nil || at.Sub(a.Now()) > grace || at.Sub(a.Now()) < grace-time.Minute {
		t.Errorf("%s: %v", got.raw, err)
	}
	p.get(profile).is(http.StatusUnauthorized, "session_ended")
	p.post(refresh, refreshing(t, s.RefreshToken)).is(http.StatusUnauthorized, "session_ended")
	a.Letter("ana@example.org", at.Format(time.DateOnly), 1)
	a.Advance(grace - time.Hour)
	back := p.post(login, credentials(t, "ana@example.org", authtest.Password)).is(http.StatusOK, "")
	a.Advance(2 * time.Hour)
	p = p.as(p.post(refresh, refreshing(t, back.text("refreshToken"))).text("accessToken"))
	if got := p.get(export).is(http.StatusOK, "").body()["deleteAfter"]; got != nil {
		t.Errorf("it is still planned for %v", got)
	}
	if !slices.Contains(a.Events(), "user.deletion_cancelled") {
		t.Errorf("the record: %v", a.Events())
	}
}

func TestWhoStaysAwayIsErasedEverywhere(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	s := a.Register("ana@example.org", "Ana")
	p := newPhone(t, a).as(s.AccessToken)
	a.ServiceAway("sos", true)
	p.leave(p.proof()).is(http.StatusAccepted, "")
	a.Advance(grace)
	p.post(login, credentials(t, "ana@example.org", authtest.Password)).is(http.StatusUnauthorized, "invalid_credentials")
	eventually.True(t, "notification has erased", func() bool { return slices.Contains(a.Erased(s.UserID), "notification") })
	if slices.Contains(a.Erased(s.UserID), "sos") {
		t.Error("a service that is away has done it")
	}
	a.ServiceAway("sos", false)
	eventually.True(t, "sos has erased", func() bool {
		a.Advance(time.Minute) // the pause between tries
		return slices.Contains(a.Erased(s.UserID), "sos")
	})
	a.Register("ana@example.org", "Somebody else") // the address is free
}

func TestLeavingTakesThePassword(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	p := newPhone(t, a).as(a.Register("ana@example.org", "Ana").AccessToken)
	p.leave("x").is(http.StatusForbidden, "reauthentication_required")
	if diff := cmp.Diff(map[string]string{"reauthToken": "required"}, p.leave("").is(http.StatusUnprocessableEntity, "validation_failed").fields()); diff != "" {
		t.Error(diff)
	}
	p.get(profile).is(http.StatusOK, "")
}

func TestTheLastSuperAdminStays(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	s, other := a.Register("ana@example.org", "Ana"), a.Register("bea@example.org", "Bea")
	a.SetRole(s.UserID, "SUPER_ADMIN")
	p := newPhone(t, a).as(s.AccessToken)
	p.leave(p.proof()).is(http.StatusConflict, "last_super_admin")
	a.SetRole(other.UserID, "SUPER_ADMIN")
	p.leave(p.proof()).is(http.StatusAccepted, "")
}

func TestAnExportIsEverythingAndNobodyElses(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	s := a.Register("ana@example.org", "Ana")
	a.Register("bea@example.org", "Bea")
	p := newPhone(t, a).as(s.AccessToken)
	a.Letter("ana@example.org", "/verify#", 1)
	got := p.get(export).is(http.StatusOK, "")
	body := got.body()
	for key, want := range map[string]int{"sessions": 1, "events": 1, "pendingVerifications": 1} {
		if items, _ := body[key].([]any); len(items) != want {
			t.Errorf("%s: %v", key, body[key])
		}
	}
	text := string(got.raw)
	if !strings.Contains(text, "ana@example.org") || strings.Contains(text, "bea@example.org") || strings.Contains(text, "$fast$") || got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s %v", text, got.header)
	}
	p.as("").get(export).is(http.StatusUnauthorized, "unauthenticated")
}
