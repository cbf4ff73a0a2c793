package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/auth/authtest"
	"github.com/loveapp/backend/shared/idgen"
)

const (
	users = "/v1/admin/users"
	audit = "/v1/admin/audit"
)

// staffed is a service with an administrator of that role, signed in.
func staffed(t *testing.T, role string) (*authtest.Auth, phone, authtest.Session) {
	t.Helper()
	a := authtest.Start(t, authtest.Options{})
	s := a.Register("root@example.org", "Root")
	a.SetRole(s.UserID, role)
	p := newPhone(t, a)
	child := p.on(s.DeviceToken).post(refresh, refreshing(t, s.RefreshToken)).is(http.StatusOK, "")
	return a, p.as(child.text("accessToken")), s
}

func (p phone) patch(path, body string) answer {
	return p.send(http.MethodPatch, path, strings.NewReader(body), "application/json")
}

func TestOnlyAdministratorsSeeOthers(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	s := a.Register("ana@example.org", "Ana")
	p := newPhone(t, a)
	for _, path := range []string{users, users + "/" + s.UserID, audit} {
		p.get(path).is(http.StatusUnauthorized, "unauthenticated")
		p.as(s.AccessToken).get(path).is(http.StatusForbidden, "forbidden")
	}
	p.as(s.AccessToken).patch(users+"/"+s.UserID, `{"role":"ADMIN"}`).is(http.StatusForbidden, "forbidden")
	p.as(s.AccessToken).post(users+"/"+s.UserID+"/revoke-sessions", "").is(http.StatusForbidden, "forbidden")
}

func TestAdministratorsListAndFindUsers(t *testing.T) {
	t.Parallel()
	a, p, _ := staffed(t, "ADMIN")
	ana, bea := a.Register("ana@example.org", "Ana"), a.Register("bea@example.org", "Bea")
	a.Ban(bea.UserID)
	ids := func(got answer) (ids []string) {
		items, _ := got.body()["items"].([]any)
		for _, item := range items {
			user, _ := item.(map[string]any)
			id, _ := user["id"].(string)
			ids = append(ids, id)
		}
		return ids
	}
	first := p.get(users+"?limit=1").is(http.StatusOK, "")
	next := p.get(users+"?limit=1&cursor="+first.text("nextCursor")).is(http.StatusOK, "")
	if diff := cmp.Diff([]string{bea.UserID, ana.UserID}, append(ids(first), ids(next)...)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{ana.UserID}, ids(p.get(users+"?search=ANA@&active=true&role=USER").is(http.StatusOK, ""))); diff != "" {
		t.Error(diff)
	}
	one := p.get(users+"/"+bea.UserID).is(http.StatusOK, "").body()
	if one["email"] != "bea@example.org" || one["active"] != false {
		t.Errorf("%v", one)
	}
	p.get(users+"/"+idgen.NewV7()).is(http.StatusNotFound, "not_found")
	p.get(users+"/x").is(http.StatusNotFound, "not_found")
	p.get(users+"?cursor=x").is(http.StatusBadRequest, "invalid_cursor")
	for query, field := range map[string]string{"role=BOSS": "role", "active=maybe": "active", "limit=0": "limit", "search=" + strings.Repeat("x", 101): "search", "search=%00": "search"} {
		if _, named := p.get(users+"?"+query).is(http.StatusUnprocessableEntity, "validation_failed").fields()[field]; !named {
			t.Errorf("%s: %s is not named", query, field)
		}
	}
}

func TestANewRoleCountsAtOnceAndSignsNobodyOut(t *testing.T) {
	t.Parallel()
	a, p, _ := staffed(t, "ADMIN")
	s := a.Register("ana@example.org", "Ana")
	got := p.patch(users+"/"+s.UserID, `{"role":"ADMIN"}`).is(http.StatusOK, "")
	if got.text("role") != "ADMIN" || got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s", got.raw)
	}
	ana := newPhone(t, a).on(s.DeviceToken)
	ana.as(s.AccessToken).get(profile).is(http.StatusUnauthorized, "token_expired")
	child := ana.post(refresh, refreshing(t, s.RefreshToken)).is(http.StatusOK, "")
	ana.as(child.text("accessToken")).get(users).is(http.StatusOK, "")
	p.patch(users+"/"+s.UserID, `{"role":"USER"}`).is(http.StatusOK, "")
	ana.as(child.text("accessToken")).get(users).is(http.StatusUnauthorized, "token_expired")
}

func TestABanEndsEverySessionAndCanBeTakenBack(t *testing.T) {
	t.Parallel()
	a, p, _ := staffed(t, "ADMIN")
	s := a.Register("ana@example.org", "Ana")
	ana := newPhone(t, a).on(s.DeviceToken)
	p.patch(users+"/"+s.UserID, `{"active":false}`).is(http.StatusOK, "")
	ana.as(s.AccessToken).get(profile).is(http.StatusUnauthorized, "session_ended")
	ana.post(refresh, refreshing(t, s.RefreshToken)).is(http.StatusUnauthorized, "session_ended")
	ana.post(login, credentials(t, "ana@example.org", authtest.Password)).is(http.StatusUnauthorized, "invalid_credentials")
	p.patch(users+"/"+s.UserID, `{"active":true}`).is(http.StatusOK, "")
	ana.post(login, credentials(t, "ana@example.org", authtest.Password)).is(http.StatusOK, "")
}

func TestAdministratorsEndSomebodysSessions(t *testing.T) {
	t.Parallel()
	a, p, root := staffed(t, "ADMIN")
	s := a.Register("ana@example.org", "Ana")
	p.send(http.MethodPost, users+"/"+s.UserID+"/revoke-sessions", nil, "").is(http.StatusNoContent, "")
	newPhone(t, a).as(s.AccessToken).get(profile).is(http.StatusUnauthorized, "session_ended")
	newPhone(t, a).on(s.DeviceToken).post(refresh, refreshing(t, s.RefreshToken)).is(http.StatusUnauthorized, "session_ended")
	p.send(http.MethodPost, users+"/"+idgen.NewV7()+"/revoke-sessions", nil, "").is(http.StatusNotFound, "not_found")
	items, _ := p.get(audit+"?kind=user.sessions_revoked&userId="+s.UserID).is(http.StatusOK, "").body()["items"].([]any)
	if len(items) != 1 {
		t.Fatalf("%d events", len(items))
	}
	event, _ := items[0].(map[string]any)
	data, _ := event["data"].(map[string]any)
	if event["userId"] != s.UserID || event["sessionId"] != root.SessionID || data["by"] != root.UserID {
		t.Errorf("%v", event)
	}
	p.get(audit+"?userId=x").is(http.StatusUnprocessableEntity, "validation_failed")
}

func TestRolesHaveLimits(t *testing.T) {
	t.Parallel()
	a, p, admin := staffed(t, "ADMIN")
	boss, ana := a.Register("boss@example.org", ""), a.Register("ana@example.org", "")
	a.SetRole(boss.UserID, "SUPER_ADMIN")
	for path, body := range map[string]string{ana.UserID: `{"role":"SUPER_ADMIN"}`, admin.UserID: `{"role":"SUPER_ADMIN"}`, boss.UserID: `{"active":false}`} {
		p.patch(users+"/"+path, body).is(http.StatusForbidden, "forbidden")
	}
	p.send(http.MethodPost, users+"/"+boss.UserID+"/revoke-sessions", nil, "").is(http.StatusForbidden, "forbidden")
	a.SetRole(admin.UserID, "SUPER_ADMIN")
	p.patch(users+"/"+ana.UserID, `{"role":"SUPER_ADMIN"}`).is(http.StatusOK, "")
	p.patch(users+"/"+ana.UserID, `{"role":"USER"}`).is(http.StatusOK, "")
	p.patch(users+"/"+boss.UserID, `{"role":"USER","active":true}`).is(http.StatusOK, "")
	for _, body := range []string{`{"role":"ADMIN"}`, `{"active":false}`} {
		p.patch(users+"/"+admin.UserID, body).is(http.StatusConflict, "last_super_admin")
	}
}

func TestAWrongEditOfAUserNamesTheField(t *testing.T) {
	t.Parallel()
	a, p, _ := staffed(t, "SUPER_ADMIN")
	path := users + "/" + a.Register("ana@example.org", "").UserID
	for body, want := range map[string]map[string]string{`{"role":"BOSS"}`: {"role": "invalid_choice"}, `{"role":""}`: {"role": "invalid_choice"}, `{"role":"admin"}`: {"role": "invalid_choice"}} {
		if diff := cmp.Diff(want, p.patch(path, body).is(http.StatusUnprocessableEntity, "validation_failed").fields()); diff != "" {
			t.Errorf("%s: %s", body, diff)
		}
	}
	for _, body := range []string{`{"active":"no"}`, `{"role":7}`} {
		p.patch(path, body).is(http.StatusUnprocessableEntity, "validation_failed")
	}
	for _, body := range []string{`{"email":"x@example.org"}`, `{"emailVerified":true}`, `{"id":"x"}`} {
		p.patch(path, body).is(http.StatusUnprocessableEntity, "unknown_field")
	}
	p.patch(path, `{"RoLe":"ADMIN"}`).is(http.StatusBadRequest, "malformed_json")
	p.patch(path, `{}`).is(http.StatusOK, "")
}
