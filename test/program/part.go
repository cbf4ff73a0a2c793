package program

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/test/world"
)

// Part is a process of this program that serves something.
type Part struct {
	Addr string // host:port
	PID  int
}

// StartPart runs this program with the arguments until the attempt ends. It has
// to Listen, or Serve.
func StartPart(t world.T, args ...string) Part {
	t.Helper()
	cmd := Self(t, args...)
	said, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatalf("start %s: %v", args[0], err)
	}
	child := Start(t, cmd)
	addr, err := bufio.NewReader(said).ReadString('\n')
	if err != nil {
		t.Fatalf("%s does not say where it listens: %v", args[0], err)
	}
	return Part{Addr: strings.TrimSpace(addr), PID: child.PID()}
}

// collectAt is the gateway's GOGC as it is deployed. Whatever it is compared
// with gets the same.
const collectAt = 400

// Listen takes a port in a part, and says on out where that is.
func Listen(ctx context.Context, out io.Writer) (net.Listener, error) {
	debug.SetGCPercent(collectAt)
	l, err := httpserver.Listen(ctx, "127.0.0.1", 0)
	if err != nil {
		return nil, err
	}
	_, err = fmt.Fprintln(out, l.Addr())
	return l, err
}

// Serve answers in a part until ctx ends.
func Serve(ctx context.Context, handler http.Handler, out io.Writer) error {
	l, err := Listen(ctx, out)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	stopped := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stopped()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
