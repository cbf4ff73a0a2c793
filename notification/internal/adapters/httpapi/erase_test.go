package httpapi_test

import (
	"net/http"
	"testing"

	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/servicetoken"
)

func TestAUserIsErasedWhenAuthSaysSo(t *testing.T) {
	t.Parallel()
	s := start(t)
	id, other := idgen.NewV7(), idgen.NewV7()
	ana, ben := s.user(id), s.user(other)
	s.tell(id, 3, "general")
	s.tell(other, 1, "general")
	s.do(http.MethodPut, preferencesPath, ana, `{"quietHours":{"from":"22:00","to":"06:00","timezone":"UTC"}}`)
	if a := s.do(http.MethodPost, "/v1/notifications/devices", ana, `{"installationId":"phone","provider":"fcm","token":"t"}`); a.status >= http.StatusBadRequest {
		t.Fatalf("device: %d %s", a.status, a.body)
	}
	path := "/internal/users/" + id + "/erase"
	for name, bearer := range map[string]string{"sos": s.sos(), "the user": ana, "an administrator": s.admin(), "nobody": ""} {
		if a := s.do(http.MethodPost, path, bearer, ""); a.status != http.StatusUnauthorized && a.status != http.StatusForbidden {
			t.Errorf("%s may erase: %d", name, a.status)
		}
	}
	if got := len(s.list(ana, "").Items); got != 3 {
		t.Fatalf("%d of 3 are left before anybody who may has asked", got)
	}
	for range 2 {
		if a := s.do(http.MethodPost, path, s.ServiceToken(servicetoken.Auth), ""); a.status != http.StatusNoContent || a.body != "" {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	if page := s.list(ana, ""); len(page.Items) != 0 || page.UnreadCount != 0 {
		t.Errorf("left: %+v", page)
	}
	if a := s.do(http.MethodGet, preferencesPath, ana, ""); a.field("quietHours") != "null" {
		t.Errorf("preferences are left: %s", a.body)
	}
	if a := s.do(http.MethodGet, "/v1/notifications/devices", ana, ""); a.field("items") != "[]" {
		t.Errorf("devices are left: %s", a.body)
	}
	if page := s.list(ben, ""); page.UnreadCount != 1 {
		t.Errorf("somebody else has %d", page.UnreadCount)
	}
	for _, nobody := range []string{"ana", "%20"} {
		if a := s.do(http.MethodPost, "/internal/users/"+nobody+"/erase", s.ServiceToken(servicetoken.Auth), ""); a.status != http.StatusNotFound {
			t.Errorf("the user %q: %d", nobody, a.status)
		}
	}
}
