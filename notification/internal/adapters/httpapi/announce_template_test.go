package httpapi_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/notificationtest"
	"github.com/loveapp/backend/shared/idgen"
)

const announcementsPath = "/v1/notifications"

// polyglots is a service whose users have accounts in several languages.
func polyglots(t *testing.T) (s *service, b *notificationtest.Backplane, users map[string]string) {
	t.Helper()
	b = notificationtest.NewBackplane(nil)
	s = &service{notificationtest.Start(t, notificationtest.Options{Backplane: b}), t}
	users = map[string]string{}
	for _, locale := range []string{"en", "fr", "fr-CA", "de", "nonsense?"} {
		users[locale] = idgen.NewV7()
		b.Speaks(users[locale], locale)
	}
	users[""] = idgen.NewV7() // nobody knows
	if a := s.do(http.MethodPost, templatesPath, s.admin(), welcome); a.status != http.StatusCreated {
		t.Fatalf("%d %s", a.status, a.body)
	}
	return s, b, users
}

func quoted(ids map[string]string) string {
	text := ""
	for _, id := range ids {
		text += fmt.Sprintf(",%q", id)
	}
	return "[" + text[1:] + "]"
}

var wantWelcome = map[string][2]string{
	"en": {"Welcome, Ana", "Hello."}, "fr": {"Bienvenue, Ana", "Bonjour."}, "fr-CA": {"Bienvenue, Ana", "Bonjour."},
	"de": {"Welcome, Ana", "Hello."}, "nonsense?": {"Welcome, Ana", "Hello."}, "": {"Welcome, Ana", "Hello."},
}

func TestAnAnnouncementByTemplateIsReadInEachUsersLanguage(t *testing.T) {
	t.Parallel()
	s, _, users := polyglots(t)
	body := `{"userIds":` + quoted(users) + `,"category":"system","template":"welcome","data":{"name":"Ana"}}`
	a := s.do(http.MethodPost, announcementsPath, s.admin(), body)
	if a.status != http.StatusAccepted || a.field("accepted") != "6" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	for locale, id := range users {
		items := s.list(s.user(id), "").Items
		if len(items) != 1 || items[0]["title"] != wantWelcome[locale][0] || items[0]["body"] != wantWelcome[locale][1] {
			t.Errorf("%q reads %v", locale, items)
		}
	}
}

func TestAScheduledAnnouncementByTemplateKeepsTheWordsOfItsDay(t *testing.T) {
	t.Parallel()
	s, _, users := polyglots(t)
	admin := s.admin()
	soon := time.Now().Add(time.Second).UTC().Format(time.RFC3339Nano)
	body := `{"userIds":` + quoted(users) + `,"template":"welcome","title":"not this","data":{"name":"Ana"},"sendAt":"` + soon + `"}`
	if a := s.do(http.MethodPost, announcementsPath, admin, body); a.status != http.StatusAccepted {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := s.do(http.MethodDelete, templatesPath+"/welcome", admin, ""); a.status != http.StatusNoContent {
		t.Fatalf("%d %s", a.status, a.body)
	}
	for locale, id := range users {
		var items []map[string]any
		for deadline := time.Now().Add(40 * time.Second); len(items) == 0 && time.Now().Before(deadline); {
			items = s.list(s.user(id), "").Items
		}
		if len(items) != 1 || items[0]["title"] != wantWelcome[locale][0] {
			t.Errorf("%q reads %v", locale, items)
		}
	}
}

func TestAnAnnouncementWhoseTemplateCannotBeUsedNamesTheField(t *testing.T) {
	t.Parallel()
	s, _, users := polyglots(t)
	start := `{"userIds":["` + users["fr"] + `"],`
	for name, c := range map[string]struct {
		body   string
		fields []string
	}{
		"an unknown one":            {`"template":"farewell","title":"t"}`, []string{"template unknown_value"}},
		"no name":                   {`"template":"../x"}`, []string{"template unknown_value"}},
		"nothing for its variable":  {`"template":"welcome"}`, []string{"data.name required"}},
		"no text for its variable":  {`"template":"welcome","data":{"name":{"first":"Ana"}}}`, []string{"data.name required"}},
		"empty for its variable":    {`"template":"welcome","data":{"name":""}}`, []string{"data.name required"}},
		"a number":                  {`"template":7}`, []string{"template invalid_type"}},
		"also something else wrong": {`"template":"welcome","category":"gossip"}`, []string{"category unknown_value", "data.name required"}},
		"later":                     {`"template":"farewell","sendAt":"2199-01-01T00:00:00Z"}`, []string{"sendAt out_of_range", "template unknown_value"}},
		"neither words nor one":     {`"template":""}`, []string{"title required"}},
	} {
		a := s.do(http.MethodPost, announcementsPath, s.admin(), start+c.body)
		if a.status != http.StatusUnprocessableEntity || !slices.Equal(a.fields(), c.fields) {
			t.Errorf("%s: %d %v, want %v", name, a.status, a.fields(), c.fields)
		}
	}
	if n := len(s.list(s.user(users["fr"]), "").Items); n != 0 {
		t.Errorf("%d of them were sent", n)
	}
}

func TestWhileLanguagesAreUnknownOnlyWhatIsCriticalGoesOut(t *testing.T) {
	t.Parallel()
	s, b, users := polyglots(t)
	restore := b.LoseAuth()
	body := `{"userIds":["` + users["fr"] + `"],"template":"welcome","data":{"name":"Ana"},"priority":`
	if a := s.do(http.MethodPost, announcementsPath, s.admin(), body+`"high"}`); a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := s.do(http.MethodPost, announcementsPath, s.admin(), body+`"critical"}`); a.status != http.StatusAccepted {
		t.Errorf("critical: %d %s", a.status, a.body)
	}
	restore()
	if items := s.list(s.user(users["fr"]), "").Items; len(items) != 1 || items[0]["title"] != "Welcome, Ana" {
		t.Errorf("read %v", items)
	}
}
