package freeport_test

import (
	"encoding/json"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/loveapp/backend/shared/freeport"
)

const (
	many = 100
	// holderEnv makes this binary a process that reserves ports, names them and keeps them until its input ends.
	holderEnv = "FREEPORT_HOLDER"
)

func TestMain(m *testing.M) {
	if os.Getenv(holderEnv) == "" {
		os.Exit(m.Run())
	}
	ports := make([]int, many)
	for i := range ports {
		r, err := freeport.Take()
		if err != nil {
			panic(err)
		}
		defer r.Release()
		ports[i] = r.Port
	}
	_ = json.NewEncoder(os.Stdout).Encode(ports)
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func TestNoPortIsReservedTwiceWhoeverAsks(t *testing.T) {
	t.Parallel()
	others := holder(t)
	var mu sync.Mutex
	seen := map[int]int{}
	var group sync.WaitGroup
	for range many {
		group.Go(func() {
			port := freeport.Reserve(t)
			mu.Lock()
			defer mu.Unlock()
			seen[port]++
		})
	}
	group.Wait()
	for _, port := range others {
		seen[port]++
	}
	for port, times := range seen {
		if times != 1 || port < 10240 || port > 12399 {
			t.Errorf("port %d is reserved %d times", port, times)
		}
	}
	if len(seen) != 2*many {
		t.Errorf("%d ports are reserved, want %d", len(seen), 2*many)
	}
}

// holder is another process with ports of its own.
func holder(t *testing.T) (ports []int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), holderEnv+"=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	if err := json.NewDecoder(out).Decode(&ports); err != nil {
		t.Fatal(err)
	}
	return ports
}

func TestAPortThatSomebodyListensOnIsPassedOver(t *testing.T) {
	t.Parallel()
	first, folder := freeport.Block(t), t.TempDir()
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(first)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	for range 20 {
		r, err := freeport.TakeFrom(folder, first, 2, 32768)
		if err != nil {
			t.Fatal(err)
		}
		if r.Port != first+1 {
			t.Errorf("port %d is reserved, where somebody listens on %d", r.Port, first)
		}
		r.Release()
	}
}

func TestWhereAllPortsAreTakenItIsSaidInOneSentence(t *testing.T) {
	t.Parallel()
	first, folder := freeport.Block(t), t.TempDir()
	var held []*freeport.Reservation
	for range 3 {
		r, err := freeport.TakeFrom(folder, first, 3, 32768)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, r)
	}
	if _, err := freeport.TakeFrom(folder, first, 3, 32768); err == nil || !strings.Contains(err.Error(), "are taken: wait until other tests have ended") {
		t.Errorf("said %v", err)
	}
	held[1].Release()
	if r, err := freeport.TakeFrom(folder, first, 3, 32768); err != nil || r.Port != held[1].Port {
		t.Errorf("what was released is not given again: %+v, %v", r, err)
	}
}

func TestWhatTheKernelHandsOutByItselfIsLeftAlone(t *testing.T) {
	t.Parallel()
	first, folder := freeport.Block(t), t.TempDir()
	const kept = 5
	for range kept {
		if r, err := freeport.TakeFrom(folder, first, 100, first+kept); err != nil || r.Port >= first+kept {
			t.Fatalf("%+v, %v, want a port below %d", r, err, first+kept)
		}
	}
	if r, err := freeport.TakeFrom(folder, first, 100, first+kept); err == nil {
		t.Errorf("port %d may be taken by any outgoing connection", r.Port)
	}
}

func TestAListenersPlaceStaysEmptyUntilTheTestEnds(t *testing.T) {
	t.Parallel()
	l := freeport.Listen(t)
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for range many {
		if other := freeport.Addr(t); other == addr {
			t.Fatalf("%s is given to another", addr)
		}
	}
	again, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatalf("the place is not kept: %v", err)
	}
	_ = again.Close()
}
