package httpapi_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/loveapp/backend/shared/idgen"
)

func TestAnInboxIsReadPageByPage(t *testing.T) {
	t.Parallel()
	s := start(t)
	ana := idgen.NewV7()
	me := s.user(ana)
	if p := s.list(me, ""); p.Items == nil || len(p.Items) != 0 || p.NextCursor != nil || p.UnreadCount != 0 {
		t.Errorf("an empty inbox: %+v", p)
	}
	s.tell(ana, 5, "general")
	var seqs []any
	for query, pages := "?limit=2", 1; ; pages++ {
		p := s.list(me, query)
		for _, item := range p.Items {
			seqs = append(seqs, item["seq"])
		}
		if p.UnreadCount != 5 {
			t.Errorf("page %d says %d are unread", pages, p.UnreadCount)
		}
		if p.NextCursor == nil {
			if pages != 3 {
				t.Errorf("%d pages, want 3", pages)
			}
			break
		}
		query = "?limit=2&cursor=" + url.QueryEscape(*p.NextCursor)
	}
	if got := fmt.Sprint(seqs); got != "[5 4 3 2 1]" {
		t.Errorf("seqs %s", got)
	}
}

func TestTimesAreInMillisecondsAndEveryFieldIsThere(t *testing.T) {
	t.Parallel()
	s := start(t)
	ana := idgen.NewV7()
	item := `{"eventId":"e","userIds":["` + ana + `"],"category":"sos","priority":"critical","title":"T","body":"B","data":{"ticketId":"7"},"createdAt":"2026-03-01T13:00:00.1234567+01:00","expiresAt":"2150-01-01T00:00:00Z"}`
	s.do(http.MethodPost, "/internal/notifications", s.sos(), `{"items":[`+item+`]}`)
	a := s.do(http.MethodGet, "/v1/notifications", s.user(ana), "")
	id := regexp.MustCompile(`"id":"[0-9a-f-]{36}"`).FindString(a.body)
	want := `{"items":[{` + id + `,"seq":1,"category":"sos","priority":"critical","title":"T","body":"B","data":{"kind":"sos","ticketId":"7"},` +
		`"createdAt":"2026-03-01T12:00:00.123Z","readAt":null,"expiresAt":"2150-01-01T00:00:00.000Z"}],"nextCursor":null,"unreadCount":1}`
	if strings.TrimSpace(a.body) != want || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("got  %s\nwant %s", a.body, want)
	}
}

func TestAListIsFiltered(t *testing.T) {
	t.Parallel()
	s := start(t)
	ana := idgen.NewV7()
	me := s.user(ana)
	s.tell(ana, 2, "sos")
	s.tell(ana, 3, "campaign")
	first := s.list(me, "?category=sos").Items[0]["id"].(string)
	if a := s.do(http.MethodPost, "/v1/notifications/items/"+first+"/read", me, ""); a.status != http.StatusNoContent {
		t.Fatalf("read: %d %s", a.status, a.body)
	}
	for query, want := range map[string]int{"": 5, "?unread=false": 5, "?unread=true": 4, "?category=sos": 2, "?category=sos&unread=true": 1, "?category=donation": 0} {
		if p := s.list(me, query); len(p.Items) != want || p.UnreadCount != 4 {
			t.Errorf("%q: %d items, %d unread, want %d and 4", query, len(p.Items), p.UnreadCount, want)
		}
	}
}

func TestAListThatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	s := start(t)
	ana := idgen.NewV7()
	me := s.user(ana)
	s.tell(ana, 2, "sos")
	good := *s.list(me, "?limit=1").NextCursor
	for query, want := range map[string]string{
		"?limit=0":                 "422 limit out_of_range",
		"?limit=101":               "422 limit out_of_range",
		"?limit=1&limit=2":         "422 limit out_of_range",
		"?unread=yes":              "422 unread unknown_value",
		"?unread=true&unread=true": "422 unread unknown_value",
		"?category=":               "422 category unknown_value",
		"?category=SOS":            "422 category unknown_value",
		"?cursor=x":                "400 invalid_cursor",
		"?cursor=" + good + "x":    "400 invalid_cursor",
		"?cursor=" + good[1:]:      "400 invalid_cursor",
		"?cursor=%zz":              "400 malformed_query",
	} {
		a := s.do(http.MethodGet, "/v1/notifications"+query, me, "")
		got := fmt.Sprint(a.status, " ", strings.Join(append(a.fields(), strings.Trim(a.field("code"), `"`))[:1], ""))
		if got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}

func TestReadUnreadAndDelete(t *testing.T) {
	t.Parallel()
	s := start(t)
	ana := idgen.NewV7()
	me, somebody := s.user(ana), s.user(idgen.NewV7())
	s.tell(ana, 3, "general")
	id := s.list(me, "").Items[0]["id"].(string)
	item := "/v1/notifications/items/" + id
	unread := func() string { return s.do(http.MethodGet, "/v1/notifications/unread-count", me, "").body }
	for _, step := range []struct{ method, path, bearer, want, unread string }{
		{http.MethodPost, item + "/read", somebody, "404", "3"},
		{http.MethodDelete, item, somebody, "404", "3"},
		{http.MethodPost, item + "/read", me, "204", "2"},
		{http.MethodPost, item + "/read", me, "204", "2"},
		{http.MethodPost, item + "/unread", me, "204", "3"},
		{http.MethodPost, strings.ToUpper(item[len(item)-36:]), me, "404", "3"},
		{http.MethodPost, "/v1/notifications/items/" + strings.ToUpper(id) + "/read", me, "204", "2"},
		{http.MethodDelete, item, me, "204", "2"},
		{http.MethodDelete, item, me, "404", "2"},
		{http.MethodPost, item + "/unread", me, "404", "2"},
		{http.MethodPost, "/v1/notifications/read-all", me, "200", "0"},
		{http.MethodPost, "/v1/notifications/read-all", me, "200", "0"},
	} {
		path := step.path
		if !strings.HasPrefix(path, "/") {
			path = "/" + path
		}
		if a := s.do(step.method, path, step.bearer, ""); fmt.Sprint(a.status) != step.want {
			t.Errorf("%s %s: %d %s, want %s", step.method, path, a.status, a.body, step.want)
		}
		if got := unread(); got != `{"unreadCount":`+step.unread+"}\n" {
			t.Errorf("after %s %s: %s, want %s", step.method, path, got, step.unread)
		}
	}
}

func TestAnIDThatIsNoneIsNotFound(t *testing.T) {
	t.Parallel()
	s := start(t)
	me := s.user(idgen.NewV7())
	for _, id := range []string{"1", "%00", "x'; DROP TABLE notifications;--", "..", strings.Repeat("a", 2000), idgen.NewV7(), ""} {
		for _, route := range [][2]string{{http.MethodPost, "/read"}, {http.MethodPost, "/unread"}, {http.MethodDelete, ""}} {
			path := "/v1/notifications/items/" + strings.ReplaceAll(url.PathEscape(id), "%2500", "%00") + route[1]
			if a := s.do(route[0], path, me, ""); a.status != http.StatusNotFound {
				t.Errorf("%s %.80s: %d %s", route[0], path, a.status, a.body)
			}
		}
	}
}

func TestAnAckNamesNotifications(t *testing.T) {
	t.Parallel()
	s := start(t)
	ana := idgen.NewV7()
	me := s.user(ana)
	s.tell(ana, 1, "general")
	id := s.list(me, "").Items[0]["id"].(string)
	for body, want := range map[string]string{
		`{"ids":["` + id + `","` + idgen.NewV7() + `"],"newer":1}`: "204",
		`{"ids":[]}`:                      "422 ids out_of_range",
		`{}`:                              "422 ids out_of_range",
		`{"ids":null}`:                    "422 ids out_of_range",
		`{"ids":["x"]}`:                   "422 ids[0] invalid_format",
		`{"ids":[1]}`:                     "422 ids[0] invalid_type",
		`{"ids":"` + id + `"}`:            "422 ids invalid_type",
		`{"ids":["` + id + `"],"ids":[]}`: "400",
		`{"IDS":["` + id + `"]}`:          "400",
		`{"ids":[` + strings.Repeat(`"`+id+`",`, 500) + `"` + id + `"]}`: "422 ids out_of_range",
	} {
		a := s.do(http.MethodPost, "/v1/notifications/ack", me, body)
		if got := strings.TrimSpace(fmt.Sprint(a.status, " ", strings.Join(a.fields(), ","))); got != want {
			t.Errorf("%.60s: %s, want %s", body, got, want)
		}
	}
}

func TestEveryRouteNeedsATokenAndAnswersItsOwnMethodsOnly(t *testing.T) {
	t.Parallel()
	s := start(t)
	me := s.user(idgen.NewV7())
	for _, route := range []struct{ method, path, allow string }{
		{http.MethodGet, "/v1/notifications", "GET, HEAD, OPTIONS, POST"},
		{http.MethodGet, "/v1/notifications/unread-count", "GET, HEAD, OPTIONS"},
		{http.MethodPost, "/v1/notifications", "GET, HEAD, OPTIONS, POST"},
		{http.MethodPost, "/v1/notifications/ack", "OPTIONS, POST"},
		{http.MethodPost, "/v1/notifications/read-all", "OPTIONS, POST"},
		{http.MethodPost, "/v1/notifications/ws-tickets", "OPTIONS, POST"},
		{http.MethodPost, "/v1/notifications/items/" + idgen.NewV7() + "/read", "OPTIONS, POST"},
		{http.MethodDelete, "/v1/notifications/items/" + idgen.NewV7(), "DELETE, OPTIONS"},
		{http.MethodPost, "/internal/notifications", "OPTIONS, POST"},
	} {
		if a := s.do(route.method, route.path, "", ""); a.status != http.StatusUnauthorized || a.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s %s without a token: %d", route.method, route.path, a.status)
		}
		if a := s.do(http.MethodPut, route.path, me, ""); a.status != http.StatusMethodNotAllowed || a.header.Get("Allow") != route.allow {
			t.Errorf("PUT %s: %d, Allow %q, want %q", route.path, a.status, a.header.Get("Allow"), route.allow)
		}
	}
	for _, later := range []string{"/v1/notifications/preferences"} {
		if a := s.do(http.MethodGet, later, me, ""); a.status != http.StatusNotFound {
			t.Errorf("%s: %d", later, a.status)
		}
	}
	if a := s.do(http.MethodHead, "/v1/notifications", me, ""); a.status != http.StatusOK || a.body != "" {
		t.Errorf("HEAD: %d %q", a.status, a.body)
	}
	s.Revoke("ended")
	if a := s.do(http.MethodGet, "/v1/notifications", s.Token(idgen.NewV7(), "ended", "USER"), ""); a.field("code") != `"session_ended"` {
		t.Errorf("an ended session: %d %s", a.status, a.body)
	}
	if !slices.Contains([]int{http.StatusCreated}, s.do(http.MethodPost, "/v1/notifications/ws-tickets", me, "", key("k")).status) {
		t.Error("no ticket")
	}
}
