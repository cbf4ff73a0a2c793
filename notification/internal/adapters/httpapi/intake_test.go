package httpapi_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/loveapp/backend/shared/event"
	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/servicetoken"
	"github.com/loveapp/backend/shared/token"
)

func TestOnlySOSAndAuthMayPutSomethingIntoInboxes(t *testing.T) {
	t.Parallel()
	s := start(t)
	body := `{"items":[{"eventId":"e","userIds":["` + idgen.NewV7() + `"],"title":"t"}]}`
	for bearer, want := range map[string]int{
		s.sos():                           http.StatusAccepted,
		s.ServiceToken(servicetoken.Auth): http.StatusAccepted,
		s.ServiceToken("gateway"):         http.StatusForbidden,
		s.user(idgen.NewV7()):             http.StatusUnauthorized,
		s.admin():                         http.StatusUnauthorized,
	} {
		if a := s.do(http.MethodPost, "/internal/notifications", bearer, body); a.status != want {
			t.Errorf("%.40s…: %d %s, want %d", bearer, a.status, a.body, want)
		}
	}
}

func TestAnIntakeIsIdempotent(t *testing.T) {
	t.Parallel()
	s := start(t)
	ana, ben := idgen.NewV7(), idgen.NewV7()
	body := fmt.Sprintf(`{"items":[{"eventId":"e1","userIds":[%q,%q],"title":"one","createdAt":"0001-01-01T00:00:00Z","data":null},{"eventId":"e2","userIds":[%q],"title":"two"}]}`, ana, ben, ana)
	for range 3 {
		if a := s.do(http.MethodPost, "/internal/notifications", s.sos(), body); a.status != http.StatusAccepted || a.field("accepted") != "3" {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	if got := s.list(s.user(ana), ""); len(got.Items) != 2 || got.Items[0]["title"] != "two" {
		t.Errorf("ana's inbox: %v", got.Items)
	}
}

func TestAnIntakeThatIsWrongChangesNothing(t *testing.T) {
	t.Parallel()
	s := start(t)
	ana := idgen.NewV7()
	item := func(members string) string {
		return `{"items":[{"eventId":"e","userIds":["` + ana + `"],"title":"t"` + members + `}]}`
	}
	for body, want := range map[string]string{
		``:                         "400",
		`{`:                        "400",
		`[]`:                       "400",
		`{}`:                       "422 items out_of_range",
		`{"items":[]}`:             "422 items out_of_range",
		`{"items":[{}]}`:           "422 items[0].userIds required,items[0].eventId required,items[0].title required",
		item(`,"priority":"loud"`): "422 items[0].priority unknown_value",
		item(`,"priority":1`):      "422 items[0].priority invalid_type",
		item(`,"data":[]`):         "422 items[0].data invalid_type",
		item(`,"data":{"kind":7}`): "422 items[0].data.kind invalid_format",
		item(`,"createdAt":"now"`): "422 items[0].createdAt invalid_format",
		item(`,"expiresAt":"2001-01-01T00:00:00Z"`): "422 items[0].expiresAt in_the_past",
		item(`,"body":"\u0000"`):                    "400",
		item(`,"body":"` + "\xff" + `"`):            "400",
		item(`,"data":{"a":1e400}`):                 "400",
		item(`,"data":` + strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)): "400",
		`{"items":[` + strings.Repeat(`{},`, 500) + `{}]}`:                             "422 items out_of_range",
		item(`,"body":"` + strings.Repeat("x", 5<<20) + `"`):                           "413",
	} {
		a := s.do(http.MethodPost, "/internal/notifications", s.sos(), body)
		if got := strings.TrimSpace(fmt.Sprint(a.status, " ", strings.Join(a.fields(), ","))); got != want {
			t.Errorf("%.60s: %s, want %s", body, got, want)
		}
	}
	if a := s.do(http.MethodPost, "/internal/notifications", s.sos(), "{}", func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }); a.status != http.StatusUnsupportedMediaType {
		t.Errorf("text/plain: %d", a.status)
	}
	if got := s.list(s.user(ana), ""); len(got.Items) != 0 {
		t.Errorf("the inbox has %v", got.Items)
	}
}

func TestAFullBatchIsTaken(t *testing.T) {
	t.Parallel()
	s := start(t)
	ana := idgen.NewV7()
	s.tell(ana, event.MaxNotifications, "system")
	if got := s.do(http.MethodGet, "/v1/notifications/unread-count", s.user(ana), "").field("unreadCount"); got != "500" {
		t.Errorf("unread %s", got)
	}
}

func TestAnAdministratorTellsUsers(t *testing.T) {
	t.Parallel()
	s := start(t)
	ana, ben := idgen.NewV7(), idgen.NewV7()
	body := fmt.Sprintf(`{"userIds":[%q,%q,%q],"title":"Hello","newer":true}`, ana, ben, strings.ToUpper(ana))
	for _, role := range []string{token.RoleUser, token.RoleProvider, token.RoleVolunteer} {
		if a := s.do(http.MethodPost, "/v1/notifications", s.Token(ana, idgen.NewV7(), role), body); a.status != http.StatusForbidden {
			t.Errorf("%s: %d", role, a.status)
		}
	}
	for _, role := range []string{token.RoleAdmin, token.RoleSuperAdmin} {
		if a := s.do(http.MethodPost, "/v1/notifications", s.Token(idgen.NewV7(), idgen.NewV7(), role), body); a.status != http.StatusAccepted || a.field("accepted") != "2" {
			t.Errorf("%s: %d %s", role, a.status, a.body)
		}
	}
	inbox := s.list(s.user(ana), "").Items
	if len(inbox) != 2 || inbox[0]["category"] != "general" || inbox[0]["priority"] != "medium" || fmt.Sprint(inbox[0]["data"]) != "map[kind:general]" {
		t.Errorf("ana's inbox: %v", inbox)
	}
}

func TestAnAnnouncementWithAKeyIsMadeOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	ana := idgen.NewV7()
	admin := s.admin()
	body := `{"userIds":["` + ana + `"],"title":"Hello"}`
	first := s.do(http.MethodPost, "/v1/notifications", admin, body, key("k1"))
	again := s.do(http.MethodPost, "/v1/notifications", admin, ` { "title":"Hello", "userIds":["`+ana+`"] }`, key("k1"))
	if first.status != http.StatusAccepted || again.status != http.StatusAccepted || first.body != again.body {
		t.Errorf("first %s, again %d %s", first.body, again.status, again.body)
	}
	other := s.do(http.MethodPost, "/v1/notifications", admin, strings.Replace(body, "Hello", "Bye", 1), key("k1"))
	if other.status != http.StatusUnprocessableEntity || other.field("code") != `"idempotency_key_reused"` {
		t.Errorf("another body: %d %s", other.status, other.body)
	}
	if got := s.list(s.user(ana), ""); len(got.Items) != 1 {
		t.Errorf("the inbox has %d", len(got.Items))
	}
	for _, bad := range []string{"", "a b", "ü", strings.Repeat("k", 256)} {
		if a := s.do(http.MethodPost, "/v1/notifications", admin, body, key(bad)); !slices.Equal(a.fields(), []string{"Idempotency-Key invalid_format"}) {
			t.Errorf("key %.10q: %d %s", bad, a.status, a.body)
		}
	}
	if a := s.do(http.MethodPost, "/v1/notifications", admin, body, key("a"), key("b")); a.status != http.StatusUnprocessableEntity {
		t.Errorf("two keys: %d", a.status)
	}
}

func TestAnAnnouncementThatIsWrongNamesItsFields(t *testing.T) {
	t.Parallel()
	s := start(t)
	for body, want := range map[string]string{
		`{}`: "userIds required,title required",
		`{"userIds":["x"],"title":"t","category":"c","priority":"p"}`:  "userIds[0] invalid_format,category unknown_value,priority unknown_value",
		`{"userIds":["` + idgen.NewV7() + `"],"title":"t","data":"d"}`: "data invalid_type",
	} {
		a := s.do(http.MethodPost, "/v1/notifications", s.admin(), body)
		if got := strings.Join(a.fields(), ","); a.status != http.StatusUnprocessableEntity || got != want {
			t.Errorf("%s: %d %s, want %s", body, a.status, got, want)
		}
	}
}
