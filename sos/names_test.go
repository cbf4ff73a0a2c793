package sos_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/loveapp/backend/sos/sostest"
)

func TestACallForHelpBearsItsReportersNameSoonerOrLater(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann := newPerson(t, s, "Ann Archer") // of whom nobody here has heard before
	s.FailNames(errors.New("auth is down"))
	a := ann.trigger("k", `{}`).is(http.StatusCreated)
	if name := a.str("ticket", "reporter", "name"); name != "" {
		t.Errorf("without auth it bears the name %q", name)
	}
	s.FailNames(nil)
	s.Eventually("the name in the answer to the same press", func() bool {
		return ann.trigger("k", `{}`).is(http.StatusCreated).str("ticket", "reporter", "name") == "Ann Archer"
	})
	staff := newStaff(t, s)
	s.Eventually("the name for a dispatcher", func() bool {
		return staff.get("/v1/sos/tickets/"+a.str("ticket", "id")).is(http.StatusOK).str("reporter", "name") == "Ann Archer"
	})
}
