// Package freeport reserves ports for the servers that tests start. A port that
// was free a moment ago may be another's by the time the server binds it; one
// that is reserved here is given to no other test, in this process or another,
// and by no kernel, until it is released or the process ends.
package freeport

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// All of the ports are below 16000: Linux hands out 32768 and up by itself, some
// sandboxes 16000 and up, and httpserver.Listen takes 20000 and up. Those from
// 13000 are a developer's own stack (deployments/local).
const (
	firstSingle  = 10240
	singles      = 2160 // to 12399
	firstOfBlock = 13200
	blocks       = 14 // to 15999

	// BlockSize is how many ports a local stack has.
	BlockSize = 200
)

// Reservation is a port, or the first one of a block, that is nobody else's.
type Reservation struct {
	Port int
	lock *os.File
}

// Take reserves a port that nobody listens on.
func Take() (*Reservation, error) {
	return pool{folder(), firstSingle, 1, singles}.take(lowestOutgoing())
}

// TakeBlock reserves BlockSize ports in a row, as one local stack needs them.
func TakeBlock() (*Reservation, error) {
	return pool{folder(), firstOfBlock, BlockSize, blocks}.take(lowestOutgoing())
}

// Release lets others have it.
func (r *Reservation) Release() {
	_ = syscall.Flock(int(r.lock.Fd()), syscall.LOCK_UN) // a child that is being forked has a copy of the descriptor
	_ = r.lock.Close()
}

// folder holds a lock file for each port. It is the same for all users of the
// machine, and the files stay: to remove one is to let two processes lock it.
func folder() string { return filepath.Join(os.TempDir(), "loveapp-ports") }

// pool is count stretches of size ports.
type pool struct {
	folder             string
	first, size, count int
}

// take begins anywhere, so that processes that start together seldom meet.
func (p pool) take(outgoing int) (*Reservation, error) {
	if err := os.MkdirAll(p.folder, 0o777); err != nil { //nolint:gosec // every user's
		return nil, fmt.Errorf("reserve a port: %w", err)
	}
	_ = os.Chmod(p.folder, 0o777) //nolint:gosec // the same, whatever the umask; who did not make it need not
	count := p.below(outgoing)
	for i, start := 0, rand.IntN(count); i < count; i++ { //nolint:gosec // a port is no secret
		r, err := reserve(p.folder, p.first+(start+i)%count*p.size)
		if err != nil {
			return nil, err
		}
		if r == nil {
			continue
		}
		if quiet(r.Port, p.size) {
			return r, nil
		}
		r.Release()
	}
	return nil, fmt.Errorf("all ports from %d to %d are taken: wait until other tests have ended, or stop the servers there", p.first, p.first+count*p.size-1)
}

// below is how many stretches the kernel leaves alone; all of them where it
// leaves none, as there is no better place then.
func (p pool) below(outgoing int) int {
	if left := (outgoing - p.first) / p.size; left > 0 {
		return min(p.count, left)
	}
	return p.count
}

// reserve gives nil where another has the port. Two users of a machine share the
// files, so they are locked as they are read.
func reserve(folder string, port int) (*Reservation, error) {
	lock, err := os.OpenFile(filepath.Join(folder, strconv.Itoa(port)), os.O_RDONLY|os.O_CREATE, 0o644) //nolint:gosec // nothing is in it
	if err != nil {
		return nil, fmt.Errorf("reserve port %d: %w", port, err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = lock.Close()
		return nil, nil //nolint:nilnil,nilerr // as documented
	}
	return &Reservation{Port: port, lock: lock}, nil
}

// quiet tells whether nobody listens on any of the ports, on whatever address.
func quiet(first, size int) bool {
	for port := first; port < first+size; port++ {
		l, err := net.Listen("tcp", ":"+strconv.Itoa(port)) //nolint:noctx // for a moment, to see that it can be done
		if err != nil {
			return false
		}
		_ = l.Close()
	}
	return true
}

// lowestOutgoing is where the ports begin that the kernel gives to outgoing
// connections and to listeners that ask for any.
func lowestOutgoing() int {
	const usual = 32768
	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		return usual // another system than Linux: 49152 and up (RFC 6335)
	}
	first, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\t")
	if lowest, err := strconv.Atoi(first); err == nil {
		return lowest
	}
	return usual
}
