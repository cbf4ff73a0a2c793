package portstest

import (
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/idgen"
)

// newOrigin is one that no other test counts.
func newOrigin() (o domain.Origin) {
	copy(o[:], idgen.NewV7()[20:])
	return o
}

func crowd(t *testing.T, r ports.Registry, from domain.Origin, at domain.InstanceID, sockets int, ttl time.Duration) int {
	t.Helper()
	total, err := r.Crowd(t.Context(), from, at, sockets, ttl)
	if err != nil {
		t.Fatalf("crowd: %v", err)
	}
	return total
}

func crowdsAreSummed(t *testing.T, r ports.Registry) {
	from, elsewhere := newOrigin(), newOrigin()
	one, other := newInstance(), newInstance()
	for n, step := range []struct {
		from    domain.Origin
		at      domain.InstanceID
		sockets int
		want    int
	}{
		{from, one, 3, 3}, {from, other, 4, 7}, {from, one, 5, 9}, {elsewhere, one, 1, 1}, {from, one, 0, 4}, {from, other, 4, 4},
	} {
		if got := crowd(t, r, step.from, step.at, step.sockets, long); got != step.want {
			t.Errorf("step %d: %d in all, want %d", n, got, step.want)
		}
	}
}

func crowdsEnd(t *testing.T, r ports.Registry) {
	from, dead, living := newOrigin(), newInstance(), newInstance()
	crowd(t, r, from, dead, 100, 50*time.Millisecond)
	eventually.True(t, "whoever says nothing any more does not count", func() bool { return crowd(t, r, from, living, 1, long) == 1 })
}
