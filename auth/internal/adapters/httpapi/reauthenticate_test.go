package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/auth/authtest"
)

const reauthenticate = "/v1/auth/reauthenticate"

func TestTypingThePasswordAgainGivesATokenThatOpensNothingElse(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	s := a.Register("ana@example.org", "Ana")
	p := newPhone(t, a).as(s.AccessToken)
	got := p.post(reauthenticate, asJSON(t, map[string]string{"password": authtest.Password})).is(http.StatusOK, "")
	if got.body()["expiresIn"] != 300.0 || strings.Count(got.text("reauthToken"), ".") != 2 || got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s %v", got.raw, got.header)
	}
	p.as(got.text("reauthToken")).get(profile).is(http.StatusUnauthorized, "unauthenticated")
	p.as(got.text("reauthToken")).post(reauthenticate, asJSON(t, map[string]string{"password": authtest.Password})).is(http.StatusUnauthorized, "unauthenticated")
	p.as("").post(refresh, refreshing(t, got.text("reauthToken"))).is(http.StatusUnauthorized, "unauthenticated")
}

func TestAWrongPasswordProvesNothing(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	p := newPhone(t, a).as(a.Register("ana@example.org", "Ana").AccessToken)
	a.Register("bea@example.org", "Bea")
	p.post(reauthenticate, `{"password":"not this one"}`).is(http.StatusUnauthorized, "invalid_credentials")
	for body, code := range map[string]string{
		`{}`:              "required",
		`{"password":""}`: "required",
		`{"password":"` + strings.Repeat("x", 129) + `"}`: "too_long",
	} {
		if diff := cmp.Diff(map[string]string{"password": code}, p.post(reauthenticate, body).is(http.StatusUnprocessableEntity, "validation_failed").fields()); diff != "" {
			t.Errorf("%.40s: %s", body, diff)
		}
	}
	p.post(reauthenticate, `{"password":"x","pin":"1"}`).is(http.StatusUnprocessableEntity, "unknown_field")
	p.post(reauthenticate, ``).is(http.StatusBadRequest, "malformed_json")
	p.as("").post(reauthenticate, `{"password":"x"}`).is(http.StatusUnauthorized, "unauthenticated")
}
