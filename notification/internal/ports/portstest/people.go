package portstest

import (
	"testing"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/eventually"
)

// Known is a directory to test. It knows ana, with a verified address and
// number and the locale fr, and ben, who has verified neither.
type Known struct {
	ports.People
	Ana, Ben domain.UserID
	// Away makes it unreachable, or reachable again.
	Away func(away bool)
}

// People tests an adapter of ports.People.
func People(t *testing.T, open func(*testing.T) Known) {
	t.Helper()
	run(t, open, map[string]func(*testing.T, Known){
		"what somebody has verified is known":    verifiedOnly,
		"who cannot be asked says nothing":       peopleAway,
		"nobody is asked about, nobody is known": nobodyKnown,
	})
}

func verifiedOnly(t *testing.T, k Known) {
	people, err := k.Of(t.Context(), []domain.UserID{k.Ana, k.Ben, newUser()})
	if err != nil || len(people) != 2 {
		t.Fatalf("%+v, %v", people, err)
	}
	if ana := people[k.Ana]; ana.Email != "ana@example.com" || ana.Phone != "+4915112345678" || ana.Locale != "fr" {
		t.Errorf("ana is %+v", ana)
	}
	if ben := people[k.Ben]; ben.Email != "" || ben.Phone != "" {
		t.Errorf("ben is %+v", ben)
	}
}

func peopleAway(t *testing.T, k Known) {
	k.Away(true)
	if people, err := k.Of(t.Context(), []domain.UserID{k.Ana}); err == nil {
		t.Errorf("an answer from nobody: %+v", people)
	}
	k.Away(false)
	eventually.True(t, "it answers again", func() bool {
		people, err := k.Of(t.Context(), []domain.UserID{k.Ana})
		return err == nil && len(people) == 1
	})
}

func nobodyKnown(t *testing.T, k Known) {
	if people, err := k.Of(t.Context(), nil); err != nil || len(people) != 0 {
		t.Errorf("%+v, %v", people, err)
	}
}
