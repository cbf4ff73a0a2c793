// Command conformance plays a difficult WebSocket client against an instance on
// fakes, directly and through a gateway, and prints what came of each case:
// go run ./test/conformance. Its groups are those of the Autobahn test suite, as
// far as they apply: nothing is echoed here, and nothing compressed. The last
// group has the traps into which servers on gobwas/ws are known to fall.
package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/loveapp/backend/gateway/gatewaytest"
	"github.com/loveapp/backend/notification/notificationtest"
	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/test/program"
)

func main() { program.Main("conformance", command) }

// command starts the servers, plays everything and prints the table.
func command(ctx context.Context, _ []string, out io.Writer) (err error) {
	s := &standin{ctx: ctx}
	defer func() { err = s.end(recover(), err) }()
	if failed := write(out, play(ctx, targets(s), checks())); failed > 0 {
		return fmt.Errorf("%d cases failed", failed)
	}
	return nil
}

// targets are the servers under test.
func targets(tb testing.TB) []target {
	tb.Helper()
	n := notificationtest.Start(tb, notificationtest.Options{})
	g := gatewaytest.Start(tb, gatewaytest.Options{NotificationURLs: []string{n.URL}})
	somebody := func() string { return n.Token(idgen.NewV7(), idgen.NewV7(), "USER") }
	return []target{
		{"notification", strings.TrimPrefix(n.URL, "http://"), somebody, heap},
		{"gateway", strings.TrimPrefix(g.URL, "http://"), somebody, heap},
	}
}

// heap is what the servers, which are in this process, have from the system.
func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapSys
}

// checks are all cases.
func checks() []check {
	var all []check
	for _, group := range [][]check{
		framing(), pings(), reserved(), opcodes(), fragments(), utf8Cases(), closes(), limits(), autoFragments(), traps(), handshakes(),
	} {
		all = append(all, group...)
	}
	return all
}
