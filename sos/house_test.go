package sos_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/sos"
	"github.com/loveapp/backend/sos/sostest"
)

func TestAMonthAfterTheEndOnlyTheNeighbourhoodIsKnown(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann := newPerson(t, s, "Ann")
	id := ann.opened(`{"location":{"latitude":52.51632,"longitude":13.37769,"accuracy":4},"address":"Pariser Platz 1"}`)
	path := "/v1/sos/tickets/" + id
	ann.post(path+"/locations", `{"fixes":[{"latitude":52.51701,"longitude":13.38001},{"latitude":52.5301,"longitude":13.40012,"capturedAt":"2020-01-01T00:00:00Z"}]}`).is(http.StatusAccepted)
	ann.post(path+"/resolve", `{"outcome":"safe"}`).is(http.StatusOK)
	s.Advance(29 * 24 * time.Hour)
	s.KeepHouse()
	staff := newStaff(t, s)
	if a := staff.get(path).is(http.StatusOK); a.num("location", "latitude") != 52.51701 || a.str("address") == "" {
		t.Errorf("after 29 days: %s", a.text)
	}
	s.Advance(2 * 24 * time.Hour)
	s.KeepHouse()
	staff = newStaff(t, s)
	if a := staff.get(path).is(http.StatusOK); a.num("location", "latitude") != 52.52 || a.num("location", "longitude") != 13.38 || a.str("address") != "" || strings.Contains(a.text, "accuracy") {
		t.Errorf("after 31 days: %s", a.text)
	}
	if a := staff.get(path + "/trail").is(http.StatusOK); strings.Contains(a.text, "52.51") || strings.Contains(a.text, "13.377") || !strings.Contains(a.text, "[13.4,52.53]") {
		t.Errorf("the way after 31 days: %s", a.text)
	}
}

func TestAnOperatorCanVerifyTheTimelines(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i := w.ready()
	id := w.person(i, "Ann").opened(`{}`)
	var said strings.Builder
	if err := sos.VerifyTimelines(t.Context(), w.config, &said); err != nil || said.String() != "0 timelines, 0 changed after they were sealed\n" {
		t.Errorf("said %q (%v)", said.String(), err)
	}
	if _, err := w.admin.Exec(`INSERT INTO sos.seals (ticket_id, seq, hash) VALUES ($1, 1, decode(repeat('ab', 32), 'hex'))`, id); err != nil {
		t.Fatal(err)
	}
	said.Reset()
	if err := sos.VerifyTimelines(t.Context(), w.config, &said); !errors.Is(err, sos.ErrTimelineChanged) || !strings.Contains(said.String(), id) {
		t.Errorf("said %q (%v)", said.String(), err)
	}
	broken := w.config
	broken.InternalSecret = ""
	if sos.VerifyTimelines(t.Context(), broken, &said) == nil {
		t.Error("works without a configuration")
	}
}
