package httpapi_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/wstest"
	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/token"
)

type connectionPage struct {
	Items []struct {
		ConnectionID, UserID, InstanceID, State string
		Live, Ghosts                            int
		ConnectedAt                             time.Time
	}
	NextCursor *string
}

func (s *service) connections(query string) connectionPage {
	s.t.Helper()
	a := s.do(http.MethodGet, "/v1/admin/connections"+query, s.admin(), "")
	var page connectionPage
	if err := json.Unmarshal([]byte(a.body), &page); err != nil || a.status != http.StatusOK {
		s.t.Fatalf("%s: %d %s", query, a.status, a.body)
	}
	return page
}

func TestAdministratorsSeeWhoIsConnectedWhere(t *testing.T) {
	t.Parallel()
	s := start(t)
	ana, ben := idgen.NewV7(), idgen.NewV7()
	var open []string
	for range 3 {
		_, greeting := wstest.Connect(t, s.URL, s.Token(ana, idgen.NewV7(), token.RoleUser))
		open = append(open, greeting.ConnectionID)
	}
	wstest.Connect(t, s.URL, s.Token(ben, idgen.NewV7(), token.RoleUser))
	all := s.connections("")
	if len(all.Items) != 1 || all.Items[0].Live != 4 || all.Items[0].Ghosts != 0 || all.NextCursor != nil {
		t.Fatalf("counted %+v", all)
	}
	first := s.connections("?limit=2&userId=" + ana)
	if first.NextCursor == nil {
		t.Fatal("the first page is the last one")
	}
	second := s.connections("?limit=2&userId=" + ana + "&cursor=" + url.QueryEscape(*first.NextCursor))
	var found []string
	for _, c := range append(first.Items, second.Items...) {
		found = append(found, c.ConnectionID)
		if c.UserID != ana || c.State != "live" || c.InstanceID != all.Items[0].InstanceID || time.Since(c.ConnectedAt) > time.Hour {
			t.Errorf("listed %+v", c)
		}
	}
	slices.Sort(open)
	if !slices.Equal(found, open) || second.NextCursor != nil {
		t.Errorf("listed %v, want %v", found, open)
	}
	if none := s.connections("?userId=" + idgen.NewV7()); len(none.Items) != 0 {
		t.Errorf("a stranger has %+v", none)
	}
	for path, want := range map[string]int{
		"?userId=x": http.StatusUnprocessableEntity, "?userId=" + ana + "&userId=" + ben: http.StatusUnprocessableEntity,
		"?cursor=x": http.StatusBadRequest, "?userId=" + ben + "&cursor=" + url.QueryEscape(*first.NextCursor): http.StatusBadRequest,
	} {
		if a := s.do(http.MethodGet, "/v1/admin/connections"+path, s.admin(), ""); a.status != want {
			t.Errorf("%s: %d, want %d", path, a.status, want)
		}
	}
	if a := s.do(http.MethodGet, "/v1/admin/connections", s.user(ana), ""); a.status != http.StatusForbidden {
		t.Errorf("a user: %d", a.status)
	}
}
