package loopback_test

import (
	"net"
	"net/netip"
	"testing"

	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/test/load/internal/loopback"
)

func TestPhonesHaveAddressesOfTheirOwnWhereNoServerListens(t *testing.T) {
	t.Parallel()
	servers := netip.MustParsePrefix("127.0.0.0/16")
	seen := map[netip.Addr]bool{}
	for n := range 100_000 {
		addr := loopback.Addr(n)
		if !addr.IsLoopback() || servers.Contains(addr) || seen[addr] {
			t.Fatalf("phone %d has the address %s", n, addr)
		}
		seen[addr] = true
	}
}

func TestTheServerSeesTheAddressThatWasDialledFrom(t *testing.T) {
	t.Parallel()
	l, err := httpserver.Listen(t.Context(), "127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	from := loopback.Addr(70_000)
	conn, err := loopback.Dial(t.Context(), from, l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = accepted.Close() })
	if got := accepted.RemoteAddr().(*net.TCPAddr).AddrPort().Addr(); got != from {
		t.Errorf("the server sees %s, want %s", got, from)
	}
}
