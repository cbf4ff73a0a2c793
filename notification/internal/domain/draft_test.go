package domain_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const (
	ana = "01890a5d-ac96-774b-bcce-b302099a8057"
	ben = "01890A5D-AC96-774B-BCCE-B302099A8056"
)

func proposal() domain.Proposal {
	return domain.Proposal{EventID: "event", Users: []string{ana}, Title: "Title"}
}

func TestADraftIsCompletedWithDefaults(t *testing.T) {
	t.Parallel()
	p := proposal()
	p.Users = []string{ana, ben, strings.ToUpper(ana)}
	d, wrong := domain.NewDraft(p, "", now)
	if len(wrong) != 0 {
		t.Fatalf("refused: %v", wrong)
	}
	if d.Category != domain.General || d.Priority != domain.Medium || !d.CreatedAt.Equal(now) || string(d.Data) != `{"kind":"general"}` {
		t.Errorf("draft %+v, data %s", d, d.Data)
	}
	if want := []domain.UserID{domain.UserID(strings.ToLower(ben)), ana}; !slices.Equal(d.Users, want) {
		t.Errorf("users %v, want each once, in order: %v", d.Users, want)
	}
}

func TestDataIsKeptAsItWasWritten(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ data, want string }{
		"absent":        {``, `{"kind":"sos"}`},
		"null":          {`null`, `{"kind":"sos"}`},
		"empty":         {`{}`, `{"kind":"sos"}`},
		"with a kind":   {`{"kind":"sos.triggered","n":12345678901234567890}`, `{"kind":"sos.triggered","n":12345678901234567890}`},
		"without":       {`{"a":{"b":[1, 2.50]}}`, `{"a":{"b":[1,2.50]},"kind":"sos"}`},
		"odd member":    {`{"":1}`, `{"":1,"kind":"sos"}`},
		"kind in quote": {`{"kind":"a\"b"}`, `{"kind":"a\"b"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := proposal()
			p.Category, p.Data = "sos", json.RawMessage(c.data)
			d, wrong := domain.NewDraft(p, "", now)
			if len(wrong) != 0 || string(d.Data) != c.want {
				t.Errorf("%s, %v; want %s", d.Data, wrong, c.want)
			}
		})
	}
}

func TestADraftNamesEveryFieldThatIsWrong(t *testing.T) {
	t.Parallel()
	past, far := now.Add(-time.Second), now.AddDate(500, 0, 0)
	for name, c := range map[string]struct {
		change func(*domain.Proposal)
		want   []string // field code
	}{
		"nothing given":        {func(p *domain.Proposal) { *p = domain.Proposal{} }, []string{"userIds required", "eventId required", "title required"}},
		"long event":           {func(p *domain.Proposal) { p.EventID = strings.Repeat("e", 201) }, []string{"eventId too_long"}},
		"long title":           {func(p *domain.Proposal) { p.Title = strings.Repeat("ü", 201) }, []string{"title too_long"}},
		"blank title":          {func(p *domain.Proposal) { p.Title = " \t\u00a0\n\x01\u2028" }, []string{"title required"}},
		"long body":            {func(p *domain.Proposal) { p.Body = strings.Repeat("ü", 4001) }, []string{"body too_long"}},
		"users":                {func(p *domain.Proposal) { p.Users = []string{ana, "ben", ""} }, []string{"userIds[1] invalid_format", "userIds[2] invalid_format"}},
		"too many users":       {func(p *domain.Proposal) { p.Users = slices.Repeat([]string{ana}, 1001) }, []string{"userIds too_many"}},
		"category":             {func(p *domain.Proposal) { p.Category = "SOS" }, []string{"category unknown_value"}},
		"priority":             {func(p *domain.Proposal) { p.Priority = "urgent" }, []string{"priority unknown_value"}},
		"created in 1970":      {func(p *domain.Proposal) { p.CreatedAt = time.Unix(0, 0) }, []string{"createdAt out_of_range"}},
		"expired":              {func(p *domain.Proposal) { p.ExpiresAt = &past }, []string{"expiresAt in_the_past"}},
		"expires at the end":   {func(p *domain.Proposal) { p.ExpiresAt = &far }, []string{"expiresAt out_of_range"}},
		"data is a list":       {func(p *domain.Proposal) { p.Data = json.RawMessage(`[1]`) }, []string{"data invalid_type"}},
		"kind is a number":     {func(p *domain.Proposal) { p.Data = json.RawMessage(`{"kind":1}`) }, []string{"data.kind invalid_format"}},
		"kind is null":         {func(p *domain.Proposal) { p.Data = json.RawMessage(`{"kind":null}`) }, nil},
		"kind is empty":        {func(p *domain.Proposal) { p.Data = json.RawMessage(`{"kind":""}`) }, []string{"data.kind invalid_format"}},
		"data is long":         {func(p *domain.Proposal) { p.Data = json.RawMessage(`{"a":"` + strings.Repeat("x", 16<<10) + `"}`) }, []string{"data too_long"}},
		"as long as it may be": {func(p *domain.Proposal) { p.Title, p.Body = strings.Repeat("ü", 200), strings.Repeat("ü", 4000) }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := proposal()
			c.change(&p)
			_, wrong := domain.NewDraft(p, "items[7].", now)
			var got []string
			for _, field := range wrong {
				got = append(got, strings.TrimPrefix(field.Field, "items[7].")+" "+field.Code)
				if !strings.HasPrefix(field.Field, "items[7].") || field.Message == "" {
					t.Errorf("field %+v", field)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("refused %q, want %q", got, c.want)
			}
		})
	}
}

// The frame that carries the longest notification fits into the 64 KiB of a socket.
func TestTheLongestDraftFitsIntoAFrame(t *testing.T) {
	t.Parallel()
	p := proposal()
	p.Title, p.Body = "t"+strings.Repeat("\x01", domain.MaxTitle-1), strings.Repeat("\x01", domain.MaxBody) // six bytes each in JSON
	p.Data = json.RawMessage(`{"a":"` + strings.Repeat("x", domain.MaxData-30) + `"}`)
	d, wrong := domain.NewDraft(p, "", now)
	if len(wrong) != 0 {
		t.Fatal(wrong)
	}
	text, err := json.Marshal(d)
	if err != nil || len(text) > 60<<10 {
		t.Errorf("%d bytes, %v", len(text), err)
	}
}
