package httpapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/auth/authtest"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/servicetoken"
	"github.com/loveapp/backend/shared/token"
)

// service is another service that calls auth.
func service(t *testing.T, a *authtest.Auth, name string) phone {
	t.Helper()
	keys, err := servicetoken.New(servicetoken.Config{Secret: a.InternalSecret, Now: a.Now})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := keys.Sign(name, servicetoken.Auth)
	if err != nil {
		t.Fatal(err)
	}
	return newPhone(t, a).as(raw)
}

func TestUsersAreToldToServicesThatNeedThem(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	ana := a.Register("ana@example.org", "Ana")
	want := map[string]any{
		"id": ana.UserID, "email": "ana@example.org", "emailVerified": false, "phone": "", "phoneVerified": false,
		"firstName": "Ana", "lastName": "", "locale": "", "role": "USER", "active": true,
	}
	for name, status := range map[string]int{
		servicetoken.SOS: http.StatusOK, servicetoken.Notification: http.StatusOK,
		servicetoken.Gateway: http.StatusForbidden, "stranger": http.StatusForbidden,
	} {
		got := service(t, a, name).get("/internal/users/"+ana.UserID).is(status, "")
		if diff := cmp.Diff(want, got.body()); status == http.StatusOK && diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		service(t, a, name).post("/internal/users/lookup", `{"ids": []}`).is(status, "")
	}
	for _, id := range []string{"x", "lookup", "01900000-0000-7000-8000-000000000000"} {
		service(t, a, servicetoken.SOS).get("/internal/users/"+id).is(http.StatusNotFound, "not_found")
	}
	a.Ban(ana.UserID)
	if got := service(t, a, servicetoken.SOS).get("/internal/users/" + ana.UserID).body(); got["active"] == any(true) {
		t.Errorf("a banned user: %v", got)
	}
}

func TestInternalPathsAreForServiceTokensOnly(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	ana := a.Register("ana@example.org", "Ana")
	a.SetRole(ana.UserID, "SUPER_ADMIN")
	keys, err := servicetoken.New(servicetoken.Config{Secret: a.InternalSecret, Now: a.Now})
	if err != nil {
		t.Fatal(err)
	}
	elsewhere, err := keys.Sign(servicetoken.SOS, servicetoken.Notification)
	if err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string]string{"none": "", "a user's": ana.AccessToken, "for another service": elsewhere} {
		for _, path := range []string{"/internal/users/" + ana.UserID, "/internal/revocations"} {
			if got := newPhone(t, a).as(raw).get(path); got.status != http.StatusUnauthorized {
				t.Errorf("%s: %d %s", name, got.status, got.raw)
			}
		}
	}
	p := service(t, a, servicetoken.SOS)
	p.get(profile).is(http.StatusUnauthorized, "unauthenticated")
	a.Advance(2 * time.Minute)
	p.get("/internal/revocations").is(http.StatusUnauthorized, "unauthenticated")
}

func TestALookupFindsByIDAndVerifiedAddress(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	ana, bea, eve := a.Register("ana@example.org", "Ana"), a.Register("bea@example.org", "Bea"), a.Register("eve@example.org", "Eve")
	a.Verify(bea.UserID, true, false)
	got := service(t, a, servicetoken.Notification).post("/internal/users/lookup", fmt.Sprintf(
		`{"ids": [%q, %q, "x", "01900000-0000-7000-8000-000000000000"], "emails": ["BEA@example.org", %q, "no address"], "phones": [""], "later": true}`,
		ana.UserID, ana.UserID, eve.Email)).is(http.StatusOK, "")
	items, _ := got.body()["items"].([]any)
	var names []string
	for _, item := range items {
		user, _ := item.(map[string]any)
		names = append(names, user["firstName"].(string))
	}
	if diff := cmp.Diff([]string{"Ana", "Bea"}, names); diff != "" {
		t.Error(diff)
	}
	hundred := `{"ids": ["x"` + strings.Repeat(`,"x"`, 99) + `]`
	service(t, a, servicetoken.SOS).post("/internal/users/lookup", hundred+`}`).is(http.StatusOK, "")
	service(t, a, servicetoken.SOS).post("/internal/users/lookup", hundred+`, "emails": ["x"]}`).is(http.StatusUnprocessableEntity, "validation_failed")
	service(t, a, servicetoken.SOS).post("/internal/users/lookup", `{"ids": "x"}`).is(http.StatusUnprocessableEntity, "validation_failed")
}

func TestOtherServicesFollowTheRevocations(t *testing.T) {
	t.Parallel()
	a, ana, _ := devices(t)
	keys, err := servicetoken.New(servicetoken.Config{Secret: a.InternalSecret, Now: a.Now})
	if err != nil {
		t.Fatal(err)
	}
	feed, err := token.NewRevocationFeed(token.FeedConfig{
		URLs: []string{a.URL}, Token: func() (string, error) { return keys.Sign(servicetoken.Gateway, servicetoken.Auth) },
		Interval: 10 * time.Millisecond, Now: a.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- feed.Run(t.Context()) }()
	t.Cleanup(func() {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	p := newPhone(t, a)
	for i, s := range ana[:2] {
		p.as(s.AccessToken).post(logout, "").is(http.StatusNoContent, "")
		eventually.True(t, "the feed tells that the session has ended", func() bool { return feed.Revoked(token.Claims{SessionID: s.SessionID}) })
		if feed.Revoked(token.Claims{SessionID: ana[i+1].SessionID}) {
			t.Errorf("session %d has ended too", i+1)
		}
	}
}

func TestTheFeedIsReadFromARevisionOn(t *testing.T) {
	t.Parallel()
	a, ana, _ := devices(t)
	p := newPhone(t, a)
	for _, s := range ana[:2] {
		p.as(s.AccessToken).post(logout, "").is(http.StatusNoContent, "")
	}
	p = service(t, a, servicetoken.Notification)
	for query, want := range map[string][]string{
		"": {ana[0].SessionID, ana[1].SessionID}, "?since=0": {ana[0].SessionID, ana[1].SessionID}, "?since=1": {ana[1].SessionID}, "?since=2": nil, "?since=99": nil,
	} {
		body := p.get("/internal/revocations"+query).is(http.StatusOK, "").body()
		items, _ := body["items"].([]any)
		var got []string
		for _, item := range items {
			revocation, _ := item.(map[string]any)
			got = append(got, revocation["sessionId"].(string))
			if revocation["userId"] == "" || revocation["before"] != nil || revocation["at"] == "" {
				t.Errorf("%v", revocation)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" || body["revision"] != 2.0 || body["complete"] != any(true) {
			t.Errorf("%s: %s in %v", query, diff, body)
		}
	}
	for _, since := range []string{"-1", "x", "1.5", "9223372036854775808"} {
		p.get("/internal/revocations?since="+since).is(http.StatusUnprocessableEntity, "validation_failed")
	}
	a.Advance(30 * time.Minute)
	p = service(t, a, servicetoken.Notification)
	if items, _ := p.get("/internal/revocations").body()["items"].([]any); len(items) != 0 {
		t.Errorf("a reader that begins is told of what no living token can meet: %v", items)
	}
	if items, _ := p.get("/internal/revocations?since=1").body()["items"].([]any); len(items) != 1 {
		t.Errorf("a reader that has been away is not told all it missed: %v", items)
	}
}

func TestTheStaffAreToldToServices(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	a.Register("ana@example.org", "Ana")
	desk := a.Register("desk@example.org", "Desk")
	a.SetRole(desk.UserID, "ADMIN")
	sos := service(t, a, servicetoken.SOS)
	for _, path := range []string{"/internal/staff", "/internal/staff?limit=1"} {
		items, _ := sos.get(path).is(http.StatusOK, "").body()["items"].([]any)
		if len(items) != 1 {
			t.Fatalf("%s: %v", path, items)
		}
		if user, _ := items[0].(map[string]any); user["id"] != desk.UserID || user["role"] != "ADMIN" {
			t.Errorf("%v", user)
		}
	}
	for _, limit := range []string{"0", "101", "x"} {
		sos.get("/internal/staff?limit="+limit).is(http.StatusUnprocessableEntity, "validation_failed")
	}
	service(t, a, servicetoken.Gateway).get("/internal/staff").is(http.StatusForbidden, "")
}
