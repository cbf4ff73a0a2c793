package world_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/loveapp/backend/test/world"
)

// Limits are by address: a journey with many people must not look like one attacker.
func TestEveryDeviceHasAnAddressOfItsOwnAndKeepsIt(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, _ := net.SplitHostPort(r.RemoteAddr)
		_, _ = fmt.Fprint(w, host)
	}))
	t.Cleanup(server.Close)
	l := &listener{T: t} // no service answers so
	ada, bob := world.At(l, server.URL), world.At(l, server.URL)
	from := func(p *world.Person) string { return string(p.Profile().Body) }
	first := from(ada)
	if again := from(ada.Through(server.URL)); again != first {
		t.Errorf("Ada's device moves from %s to %s", first, again)
	}
	if from(bob) == first {
		t.Errorf("Ada and Bob both come from %s", first)
	}
}
