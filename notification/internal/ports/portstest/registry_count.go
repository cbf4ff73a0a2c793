package portstest

import (
	"testing"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

func connectionsAreCounted(t *testing.T, r ports.Registry) {
	held, ended := newLease(), newLease()
	begin(t, r, held, long)
	begin(t, r, ended, long)
	ana, ben := newUser(), newUser()
	gone := connection(ana, held)
	add(t, r, connection(ana, held), connection(ben, held), gone, connection(ana, ended))
	if err := r.Remove(t.Context(), []domain.Connection{gone}); err != nil {
		t.Fatal(err)
	}
	if err := r.End(t.Context(), ended); err != nil {
		t.Fatal(err)
	}
	counts, err := r.Count(t.Context())
	if err != nil || counts[held] != 2 || counts[ended] != 1 || counts[newLease()] != 0 {
		t.Errorf("counted %d and %d, %v", counts[held], counts[ended], err)
	}
}
