package sos_test

import (
	"net/http"
	"testing"

	"github.com/loveapp/backend/shared/servicetoken"
	"github.com/loveapp/backend/sos/sostest"
)

func TestAUserIsErasedWhenAuthSaysSo(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann, mum := newPerson(t, s, "Ann"), newPerson(t, s, "")
	ann.trusts(mum, "Mum")
	path := "/internal/users/" + ann.id + "/erase"
	ann.post(path, "").refused(http.StatusUnauthorized, "unauthenticated")
	ann.with("").post(path, "").refused(http.StatusUnauthorized, "unauthenticated")
	newDoorkeeper(t, s, servicetoken.Notification).post(path, "").refused(http.StatusForbidden, "forbidden")
	if n := len(ann.get(contactsPath).is(http.StatusOK).items("items")); n != 1 {
		t.Fatalf("%d contacts before anybody who may has asked", n)
	}
	auth := newDoorkeeper(t, s, servicetoken.Auth)
	for range 2 {
		auth.post(path, "").is(http.StatusNoContent)
	}
	if n := len(ann.get(contactsPath).is(http.StatusOK).items("items")); n != 0 {
		t.Errorf("%d contacts are left", n)
	}
	auth.post("/internal/users/ann/erase", "").refused(http.StatusNotFound, "not_found")
}
