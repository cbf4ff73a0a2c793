package portstest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/gateway/internal/ports"
)

// Answers holds a store of answers to the contract.
func Answers(t *testing.T, open func(t *testing.T) ports.Answers) {
	t.Helper()
	now := time.Now().Truncate(time.Millisecond).UTC()
	fresh := domain.Answer{
		Header: map[string][]string{"Content-Type": {"application/json"}, "Etag": {`W/"a"`}},
		Body:   []byte("{\"a\":1}\n\x00\xff"), Since: now, Until: now.Add(time.Minute),
	}
	for name, test := range map[string]func(t *testing.T, s ports.Answers){
		"what is kept is found as it was": func(t *testing.T, s ports.Answers) {
			keep(t, s, "/x", fresh)
			if got, found := find(t, s, "/x"); !found || cmp.Diff(fresh, got) != "" {
				t.Error(found, cmp.Diff(fresh, got))
			}
		},
		"what nobody kept is not found": func(t *testing.T, s ports.Answers) {
			keep(t, s, "/x", fresh)
			if _, found := find(t, s, "/x?country=FR"); found {
				t.Error("found")
			}
		},
		"what is over is not found": func(t *testing.T, s ports.Answers) {
			old := fresh
			old.Until = now.Add(-time.Second)
			keep(t, s, "/x", old)
			if _, found := find(t, s, "/x"); found {
				t.Error("found")
			}
		},
		"a later answer takes the place": func(t *testing.T, s ports.Answers) {
			later := fresh
			later.Body = []byte("later")
			keep(t, s, "/x", fresh)
			keep(t, s, "/x", later)
			if got, _ := find(t, s, "/x"); string(got.Body) != "later" {
				t.Errorf("%q", got.Body)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func keep(t *testing.T, s ports.Answers, key string, a domain.Answer) {
	t.Helper()
	if err := s.Keep(t.Context(), key, a); err != nil {
		t.Fatal(err)
	}
}

func find(t *testing.T, s ports.Answers, key string) (domain.Answer, bool) {
	t.Helper()
	a, found, err := s.Find(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return a, found
}
