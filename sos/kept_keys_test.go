package sos_test

import (
	"net/http"
	"testing"

	"github.com/loveapp/backend/shared/idgen"
)

func TestACopyOnANewMachineRecognisesACallForHelpWithoutAuth(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.ready()
	id := w.person(first, "Ann").opened(`{}`)
	w.eventually("the keys are kept", func() bool {
		var kept int
		return w.admin.QueryRow(`SELECT count(*) FROM sos.auth_keys`).Scan(&kept) == nil && kept == 1
	})
	first.stop()
	w.auth.goAway()
	w.config.DataDir = t.TempDir()

	second := w.ready()
	ann := w.person(second, "Ann")
	w.eventually("she is recognised", func() bool { return ann.trigger(idgen.NewV7(), `{}`).status == http.StatusOK })
	if a := ann.with(w.credential("Ann")).trigger(idgen.NewV7(), `{}`).is(http.StatusOK); a.str("ticket", "id") != id {
		t.Errorf("with a SOS credential: %s", a.text)
	}
}
