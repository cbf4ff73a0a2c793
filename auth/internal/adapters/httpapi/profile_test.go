package httpapi_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/auth/authtest"
)

func TestAProfileIsEditedFieldByField(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	s := a.Register("ana@example.org", "Ana")
	p := newPhone(t, a).as(s.AccessToken)
	before := p.get(profile).is(http.StatusOK, "").body()
	a.Advance(time.Minute)
	for _, step := range []struct {
		patch string
		want  map[string]any
	}{
		{`{"lastName": "Öz", "locale": "FR-ca"}`, map[string]any{"firstName": "Ana", "lastName": "Öz", "locale": "fr-CA", "timezone": nil}},
		{`{"timezone": "America/New_York"}`, map[string]any{"firstName": "Ana", "lastName": "Öz", "locale": "fr-CA", "timezone": "America/New_York"}},
		{`{"firstName": null, "locale": null}`, map[string]any{"firstName": nil, "lastName": "Öz", "locale": nil, "timezone": "America/New_York"}},
		{`{}`, map[string]any{"firstName": nil, "lastName": "Öz", "locale": nil, "timezone": "America/New_York"}},
	} {
		for _, got := range []map[string]any{p.edit(step.patch).is(http.StatusOK, "").body(), p.get(profile).body()} {
			for field, want := range step.want {
				if got[field] != want {
					t.Errorf("%s: %s is %v, want %v", step.patch, field, got[field], want)
				}
			}
			for _, field := range []string{"id", "email", "role", "emailVerified", "createdAt"} {
				if got[field] != before[field] {
					t.Errorf("%s changed %s", step.patch, field)
				}
			}
			if got["updatedAt"] == before["updatedAt"] {
				t.Error("updatedAt stays")
			}
		}
	}
}

func TestAnEditWithoutAChangeIsNone(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	p := newPhone(t, a).as(a.Register("ana@example.org", "Ana").AccessToken)
	before := p.get(profile).body()
	a.Advance(time.Minute)
	for _, patch := range []string{`{}`, `{"firstName": "Ana"}`, `{"lastName": null}`} {
		if diff := cmp.Diff(before, p.edit(patch).is(http.StatusOK, "").body()); diff != "" {
			t.Errorf("%s: %s", patch, diff)
		}
	}
	if diff := cmp.Diff([]string{"user.registered"}, a.Events()); diff != "" {
		t.Error(diff)
	}
}

func TestOneWrongFieldAndNothingIsEdited(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	p := newPhone(t, a).as(a.Register("ana@example.org", "Ana").AccessToken)
	before := p.get(profile).body()
	for body, want := range map[string]map[string]string{
		`{"firstName": "Bea", "locale": "?"}`:       {"locale": "invalid_format"},
		`{"firstName": "", "timezone": "Mars/X"}`:   {"firstName": "too_short", "timezone": "invalid_format"},
		`{"firstName": 7}`:                          {"firstName": "invalid_format"},
		`{"firstName": {"first": "Ana"}}`:           {"firstName": "invalid_format"},
		`{"lastName": "\u0007"}`:                    {"lastName": "invalid_characters"},
		`{"firstName": "Bea", "timezone": "Local"}`: {"timezone": "invalid_format"},
	} {
		if diff := cmp.Diff(want, p.edit(body).is(http.StatusUnprocessableEntity, "validation_failed").fields()); diff != "" {
			t.Errorf("%s: %s", body, diff)
		}
	}
	for _, field := range []string{"role", "RoLe", "email", "emailVerified", "phone", "id", "active", "password"} {
		p.edit(`{"firstName": "Bea", "`+field+`": "ADMIN"}`).is(http.StatusUnprocessableEntity, "unknown_field")
	}
	if diff := cmp.Diff(before, p.get(profile).body()); diff != "" {
		t.Error(diff)
	}
}
