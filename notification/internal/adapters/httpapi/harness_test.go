package httpapi_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/loveapp/backend/notification/notificationtest"
	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/servicetoken"
	"github.com/loveapp/backend/shared/token"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// service is one to talk to.
type service struct {
	*notificationtest.Notification
	t *testing.T
}

func start(t *testing.T) *service {
	t.Helper()
	return &service{notificationtest.Start(t, notificationtest.Options{}), t}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// field gives a member of the answer's object as JSON.
func (a answer) field(name string) string {
	var object map[string]json.RawMessage
	if json.Unmarshal([]byte(a.body), &object) != nil {
		return ""
	}
	return string(object[name])
}

// fields names what a 422 refuses: "field code" each.
func (a answer) fields() (list []string) {
	var problem struct {
		Errors []struct{ Field, Code string }
	}
	_ = json.Unmarshal([]byte(a.body), &problem)
	for _, e := range problem.Errors {
		list = append(list, e.Field+" "+e.Code)
	}
	return list
}

type option func(*http.Request)

func key(value string) option {
	return func(r *http.Request) { r.Header.Add("Idempotency-Key", value) }
}

func (s *service) do(method, path, bearer, body string, options ...option) answer {
	s.t.Helper()
	var reader io.Reader = http.NoBody
	if body != "" {
		reader = strings.NewReader(body)
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+path, reader)
	if err != nil {
		s.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if len(body) > 1<<20 { // a body that will be refused is better not sent
		r.Header.Set("Expect", "100-continue")
	}
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	for _, o := range options {
		o(r)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, ExpectContinueTimeout: 10 * time.Second}}
	res, err := client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(text)}
}

func (s *service) user(id string) string { return s.Token(id, idgen.NewV7(), token.RoleUser) }

func (s *service) admin() string { return s.Token(idgen.NewV7(), idgen.NewV7(), token.RoleAdmin) }

func (s *service) sos() string { return s.ServiceToken(servicetoken.SOS) }

// tell puts n notifications into the user's inbox.
func (s *service) tell(user string, n int, category string) {
	s.t.Helper()
	var items []string
	for range n {
		items = append(items, `{"eventId":"`+idgen.NewV7()+`","userIds":["`+user+`"],"category":"`+category+`","title":"t"}`)
	}
	if a := s.do(http.MethodPost, "/internal/notifications", s.sos(), `{"items":[`+strings.Join(items, ",")+`]}`); a.status != http.StatusAccepted {
		s.t.Fatalf("tell: %d %s", a.status, a.body)
	}
}

type page struct {
	Items       []map[string]any
	NextCursor  *string
	UnreadCount int
}

func (s *service) list(bearer, query string) page {
	s.t.Helper()
	a := s.do(http.MethodGet, "/v1/notifications"+query, bearer, "")
	var p page
	if err := json.Unmarshal([]byte(a.body), &p); err != nil || a.status != http.StatusOK {
		s.t.Fatalf("list %s: %d %s", query, a.status, a.body)
	}
	return p
}
