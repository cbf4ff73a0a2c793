package cursor_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/loveapp/backend/shared/cursor"
	"github.com/loveapp/backend/shared/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type position struct {
	ID string    `json:"id"`
	At time.Time `json:"at"`
}

var (
	key  = []byte("a key of the tests")
	here = position{ID: "0198c0de-0000-7000-8000-000000000001", At: time.Date(2026, 3, 1, 12, 0, 0, 123e6, time.UTC)}
)

func TestACursorComesBackAsItWas(t *testing.T) {
	t.Parallel()
	codec := cursor.New(key)
	sealed := codec.Encode(here)
	var got position
	if err := codec.Decode(sealed, &got); err != nil || got != here {
		t.Fatalf("%+v, %v", got, err)
	}
	if len(sealed) > cursor.MaxLength || strings.ContainsAny(sealed, "+/=&?# ") {
		t.Fatalf("not fit for a URL: %s", sealed)
	}
}

func TestAnotherCursorIsRefused(t *testing.T) {
	t.Parallel()
	codec := cursor.New(key)
	good := codec.Encode(here)
	cases := map[string]string{
		"empty":                 "",
		"no base64":             "%%%",
		"too short":             good[:20],
		"a tag alone":           strings.Repeat("A", 22),
		"cut off":               good[:len(good)-4],
		"longer":                good + "AAAA",
		"padded":                good + "=",
		"with a line break":     good[:30] + "\n" + good[30:],
		"of another key":        cursor.New([]byte("another key")).Encode(here),
		"of another list":       codec.Encode(map[string]any{"seq": 7}),
		"of more than this one": codec.Encode(map[string]any{"id": "x", "at": here.At, "admin": true}),
		"of another type":       codec.Encode(map[string]any{"id": 7, "at": here.At}),
		"a number":              codec.Encode(7),
		"very long":             strings.Repeat("A", 1<<20),
	}
	for name, s := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got position
			if err := codec.Decode(s, &got); !errors.Is(err, fault.New(fault.Malformed, "invalid_cursor", "")) {
				t.Fatalf("%+v, %v", got, err)
			}
		})
	}
}

func TestEveryCharacterOfACursorIsProtected(t *testing.T) {
	t.Parallel()
	codec := cursor.New(key)
	good := codec.Encode(here)
	for i := range good {
		for _, c := range "Aa0_" {
			changed := good[:i] + string(c) + good[i+1:]
			if err := codec.Decode(changed, new(position)); err == nil && changed != good {
				t.Fatalf("character %d may be %q", i, c)
			}
		}
	}
}

func TestARotatedKeyBreaksNoList(t *testing.T) {
	t.Parallel()
	old := cursor.New(key).Encode(here)
	var got position
	if err := cursor.New([]byte("new"), key, nil).Decode(old, &got); err != nil || got != here {
		t.Fatalf("%+v, %v", got, err)
	}
	if err := cursor.New([]byte("new"), nil, []byte{}).Decode(old, &got); !errors.Is(err, cursor.ErrInvalid) {
		t.Fatalf("%v", err)
	}
}

func TestACallersDefectPanics(t *testing.T) {
	t.Parallel()
	for name, defect := range map[string]func(){
		"no key":   func() { cursor.New(nil) },
		"too long": func() { cursor.New(key).Encode(strings.Repeat("x", 400)) },
		"no JSON":  func() { cursor.New(key).Encode(func() {}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			defect()
		}()
	}
}

func TestAPageIsReadFromTheQuery(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		query  string
		limit  int
		cursor string
		wrong  string // the fields named
		code   string
	}{
		"nothing":                {query: "", limit: 20},
		"both":                   {query: "limit=5&cursor=abc", limit: 5, cursor: "abc"},
		"the least":              {query: "limit=1", limit: 1},
		"the most":               {query: "limit=100", limit: 100},
		"an empty cursor":        {query: "cursor=", limit: 20},
		"other parameters":       {query: "unread=true&unread=false", limit: 20},
		"none at all":            {query: "limit=0", wrong: "limit"},
		"too many":               {query: "limit=101", wrong: "limit"},
		"far too many":           {query: "limit=99999999999999999999", wrong: "limit"},
		"negative":               {query: "limit=-1", wrong: "limit"},
		"signed":                 {query: "limit=%2B5", wrong: "limit"},
		"a fraction":             {query: "limit=1.5", wrong: "limit"},
		"hexadecimal":            {query: "limit=0x10", wrong: "limit"},
		"a word":                 {query: "limit=all", wrong: "limit"},
		"an empty limit":         {query: "limit=", wrong: "limit"},
		"limit twice":            {query: "limit=5&limit=5", wrong: "limit"},
		"cursor twice":           {query: "cursor=a&cursor=a", wrong: "cursor"},
		"both wrong":             {query: "limit=0&cursor=a&cursor=b", wrong: "limit cursor"},
		"an escape that is none": {query: "limit=%zz", code: "malformed_query"},
		"a semicolon":            {query: "limit=5;cursor=a", code: "malformed_query"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.URL.RawQuery = c.query
			limit, position, err := cursor.ParsePage(r)
			switch {
			case c.code != "":
				if e := fault.From(err); e == nil || e.Kind != fault.Malformed || e.Code != c.code {
					t.Fatalf("%v", err)
				}
			case c.wrong != "":
				var named []string
				if err != nil {
					for _, f := range fault.From(err).Fields {
						named = append(named, f.Field)
					}
				}
				if !errors.Is(err, fault.NewInvalid()) || strings.Join(named, " ") != c.wrong {
					t.Fatalf("%v names %q", err, named)
				}
			case err != nil || limit != c.limit || position != c.cursor:
				t.Fatalf("%d, %q, %v", limit, position, err)
			}
		})
	}
}

// FuzzDecode: nothing but what the codec made itself is ever accepted.
func FuzzDecode(f *testing.F) {
	codec := cursor.New(key)
	good := codec.Encode(here)
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add("AAAA")
	f.Fuzz(func(t *testing.T, s string) {
		var got position
		if err := codec.Decode(s, &got); (err == nil) != (s == good) {
			t.Fatalf("%q: %+v, %v", s, got, err)
		}
	})
}
