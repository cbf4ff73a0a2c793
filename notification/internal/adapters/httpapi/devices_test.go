package httpapi_test

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/token"
)

const devices = "/v1/notifications/devices"

func phone(installation, token string) string {
	return fmt.Sprintf(`{"installationId":%q,"provider":"fcm","token":%q,"appVersion":"1.2","locale":"es"}`, installation, token)
}

func browser(t *testing.T, endpoint string) string {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	return fmt.Sprintf(`{"installationId":"browser","provider":"webpush","subscription":{"endpoint":%q,"expirationTime":null,"keys":{"p256dh":%q,"auth":%q}}}`,
		endpoint, encode(key.PublicKey().Bytes()), encode(make([]byte, 16)))
}

// devices are the installations that the bearer has, by name.
func (s *service) devices(bearer string) map[string]map[string]any {
	s.t.Helper()
	found := map[string]map[string]any{}
	for _, d := range s.list(bearer, "/devices").Items {
		name, _ := d["installationId"].(string)
		found[name] = d
	}
	return found
}

func TestADeviceIsRegisteredOnceHoweverOftenItComes(t *testing.T) {
	t.Parallel()
	s := start(t)
	me := s.user(idgen.NewV7())
	first := s.do(http.MethodPost, devices, me, phone("a", "secret-1"))
	again := s.do(http.MethodPost, devices, me, phone("a", "secret-2"))
	if first.status != http.StatusCreated || again.status != http.StatusOK || first.field("id") != again.field("id") {
		t.Fatalf("%d %s, then %d %s", first.status, first.body, again.status, again.body)
	}
	if a := s.do(http.MethodPost, devices, me, browser(t, "https://push.example.org/secret-3")); a.status != http.StatusCreated {
		t.Fatalf("a browser: %d %s", a.status, a.body)
	}
	list := s.do(http.MethodGet, devices, me, "")
	if strings.Contains(first.body+again.body+list.body, "secret") {
		t.Errorf("what a device is reached by is shown: %s", list.body)
	}
	got := s.devices(me)
	if len(got) != 2 || got["a"]["locale"] != "es" || got["a"]["current"] != true || got["browser"]["provider"] != "webpush" {
		t.Errorf("listed: %v", got)
	}
	if other := s.devices(s.user(idgen.NewV7())); len(other) != 0 {
		t.Errorf("somebody else has %v", other)
	}
}

func TestDevicesCanBeReadInPages(t *testing.T) {
	t.Parallel()
	s := start(t)
	me := s.user(idgen.NewV7())
	for i := range 5 {
		s.do(http.MethodPost, devices, me, phone(fmt.Sprint(i), fmt.Sprint("token-", i)))
	}
	var seen []string
	for query := "?limit=2"; query != ""; {
		p := s.list(me, "/devices"+query)
		for _, d := range p.Items {
			seen = append(seen, fmt.Sprint(d["installationId"]))
		}
		if query = ""; p.NextCursor != nil {
			query = "?limit=2&cursor=" + *p.NextCursor
		}
	}
	if strings.Join(seen, "") != "01234" {
		t.Errorf("seen %v", seen)
	}
	if a := s.do(http.MethodGet, devices+"?cursor=x", me, ""); a.status != http.StatusBadRequest {
		t.Errorf("a cursor of nobody: %d", a.status)
	}
}

func TestADeviceIsRemovedByItsOwnerOnly(t *testing.T) {
	t.Parallel()
	s := start(t)
	me := s.user(idgen.NewV7())
	var id string
	_ = json.Unmarshal([]byte(s.do(http.MethodPost, devices, me, phone("a", "t")).field("id")), &id)
	for bearer, want := range map[string]int{s.user(idgen.NewV7()): http.StatusNotFound, me: http.StatusNoContent} {
		if want == http.StatusNoContent {
			continue
		}
		if a := s.do(http.MethodDelete, devices+"/"+id, bearer, ""); a.status != want {
			t.Errorf("somebody else: %d", a.status)
		}
	}
	for _, want := range []int{http.StatusNoContent, http.StatusNotFound} {
		if a := s.do(http.MethodDelete, devices+"/"+id, me, ""); a.status != want {
			t.Errorf("its owner: %d, want %d", a.status, want)
		}
	}
	if a := s.do(http.MethodDelete, devices+"/x", me, ""); a.status != http.StatusNotFound {
		t.Errorf("no id: %d", a.status)
	}
}

func TestADeviceGoesWithItsSessionAndATokenWithWhoeverHasIt(t *testing.T) {
	t.Parallel()
	s := start(t)
	user := idgen.NewV7()
	ends, stays := s.Token(user, "ends", token.RoleUser), s.Token(user, "stays", token.RoleUser)
	s.do(http.MethodPost, devices, ends, phone("a", "t-a"))
	s.do(http.MethodPost, devices, stays, phone("b", "t-b"))
	if got := s.devices(stays); got["a"]["current"] != false || got["b"]["current"] != true {
		t.Errorf("which one asks: %v", got)
	}
	s.Revoke("ends")
	if got := s.devices(stays); len(got) != 1 || got["b"] == nil {
		t.Errorf("after the session: %v", got)
	}
	other := s.user(idgen.NewV7())
	if a := s.do(http.MethodPost, devices, other, phone("c", "t-b")); a.status != http.StatusCreated {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if got := s.devices(stays); len(got) != 0 {
		t.Errorf("a token that has moved is still at %v", got)
	}
}

func TestADeviceThatCannotBeReachedIsRefused(t *testing.T) {
	t.Parallel()
	s := start(t)
	me := s.user(idgen.NewV7())
	for name, c := range map[string]struct{ body, want string }{
		"nothing":             {`{}`, "installationId invalid_format, provider unknown_value"},
		"null":                {`{"installationId":null,"provider":"fcm","token":"t"}`, "installationId invalid_format"},
		"no token":            {`{"installationId":"a","provider":"fcm"}`, "token required"},
		"a number as a token": {`{"installationId":"a","provider":"fcm","token":5}`, "token invalid_type"},
		"no subscription":     {`{"installationId":"a","provider":"webpush","subscription":null}`, "subscription required"},
		"apple without more":  {`{"installationId":"a","provider":"apns","token":"` + strings.Repeat("0a", 32) + `"}`, "environment unknown_value, appId required"},
		"our own network":     {browser(t, "https://169.254.169.254/latest"), "subscription.endpoint invalid_format"},
		"ourselves":           {browser(t, "https://localhost/x"), "subscription.endpoint invalid_format"},
		"plain http":          {browser(t, "http://push.example.org/x"), "subscription.endpoint invalid_format"},
	} {
		a := s.do(http.MethodPost, devices, me, c.body)
		if a.status != http.StatusUnprocessableEntity || strings.Join(a.fields(), ", ") != c.want {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}

func TestAServerWithoutWebPushSaysSo(t *testing.T) {
	t.Parallel()
	s := start(t)
	if a := s.do(http.MethodGet, "/v1/notifications/push-config", "", ""); a.status != http.StatusOK || a.field("vapidPublicKey") != "null" {
		t.Errorf("%d %s", a.status, a.body)
	}
}
