package sos_test

import (
	"net/http"
	"testing"

	"github.com/loveapp/backend/sos/sostest"
)

// Whoever is told that it is over must not be woken again by a failover.
func TestACommandSaysWhereAStandbyHasNotConfirmedWhatItChanged(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann, mum := newPerson(t, s, "Ann"), newPerson(t, s, "")
	ann.trusts(mum, "Mum")
	awaitStandby(t, s)
	id := ann.opened(`{}`)
	if a := mum.command(id, "acknowledge").is(http.StatusOK); a.body["durability"] != nil || a.header.Get("Retry-After") != "" {
		t.Errorf("confirmed: %v %s", a.header, a.text)
	}
	s.FreezeStandby(true)
	end := func() answer {
		return ann.post("/v1/sos/tickets/"+id+"/resolve", `{"outcome":"safe"}`).is(http.StatusOK)
	}
	first := end()
	if first.str("durability") != "unconfirmed" || first.header.Get("Retry-After") != "1" || first.str("status") != "resolved" {
		t.Errorf("answered %v %s", first.header, first.text)
	}
	if read := ann.get("/v1/sos/tickets/" + id).is(http.StatusOK); read.body["durability"] != nil {
		t.Errorf("read: %s", read.text)
	}
	s.FreezeStandby(false)
	again := end()
	s.Eventually("the end is confirmed", func() bool {
		again = end()
		return again.body["durability"] == nil
	})
	if again.num("version") != first.num("version") {
		t.Errorf("when it goes on: %s", again.text)
	}
}
