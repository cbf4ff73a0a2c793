package sos_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/loveapp/backend/sos/sostest"
)

func TestWhatDoesNotExistYetIsNotFound(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	for _, path := range []string{"/", "/v1/sos"} {
		c.ann.get(path).refused(http.StatusNotFound, "not_found")
	}
	for _, path := range []string{c.path("/assign"), c.path("/"), "/v1/sos/tickets/"} {
		c.ann.post(path, `{}`).refused(http.StatusNotFound, "not_found")
	}
}

func TestPathsComeBeforeIdentities(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	nobody := person{tb: t, url: s.URL}
	nobody.get("/v1/sos/nothing").refused(http.StatusNotFound, "not_found")
	nobody.get("/v1/sos/tickets//timeline").refused(http.StatusNotFound, "not_found")
	nobody.get("/v1/sos/tickets/").refused(http.StatusNotFound, "not_found")
	if a := nobody.do(http.MethodPut, "/v1/sos/tickets", "").refused(http.StatusMethodNotAllowed, "method_not_allowed"); !strings.Contains(a.header.Get("Allow"), "POST") {
		t.Errorf("Allow: %s", a.header.Get("Allow"))
	}
	if a := nobody.do(http.MethodOptions, "/v1/sos/contacts", "").is(http.StatusNoContent); !strings.Contains(a.header.Get("Allow"), "POST") {
		t.Errorf("Allow: %s", a.header.Get("Allow"))
	}
	nobody.get("/v1/sos/tickets").refused(http.StatusUnauthorized, "unauthenticated")
}

func TestHeadWorksOnEveryGet(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	for _, path := range []string{"/v1/sos/tickets", "/v1/sos/contacts", c.path(""), c.path("/timeline"), "/health"} {
		if a := c.ann.do(http.MethodHead, path, "").is(http.StatusOK); a.text != "" {
			t.Errorf("HEAD %s has a body", path)
		}
	}
}

func TestIdsThatAreNoneAreNotFound(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann := newPerson(t, s, "")
	for _, id := range []string{"1", "x", "%00", "..%2f..", "{00000000-0000-0000-0000-000000000000}", "urn:uuid:00000000-0000-0000-0000-000000000000", "00000000000000000000000000000000", strings.Repeat("9", 300)} {
		ann.get("/v1/sos/tickets/"+id).refused(http.StatusNotFound, "not_found")
		ann.post("/v1/sos/tickets/"+id+"/cancel", "").refused(http.StatusNotFound, "not_found")
	}
}

func TestWhatIsAboutPeopleIsNotCached(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	for _, path := range []string{"/v1/sos/tickets", "/v1/sos/contacts", c.path(""), c.path("/timeline")} {
		if a := c.ann.get(path); a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be cached: %q", path, a.header.Get("Cache-Control"))
		}
	}
}

func TestHealthTellsTheState(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	nobody := person{tb: t, url: s.URL}
	for _, path := range []string{"/health", "/health/live", "/health/ready", "/health/database", "/health/redis", "/health/services"} {
		nobody.get(path).is(http.StatusOK)
	}
}
