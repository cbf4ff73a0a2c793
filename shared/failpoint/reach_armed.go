//go:build failpoints

package failpoint

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
)

// armed is what the environment asks for. It belongs to the process, as the death does.
var armed = sync.OnceValue(func() *arming { return parse(os.Getenv(Variable)) })

type arming struct {
	at   Name // "": nowhere
	left atomic.Int64
}

// parse panics where the variable makes no sense: a test that kills nobody
// would say that all is well.
func parse(text string) *arming {
	a := &arming{}
	if text == "" {
		return a
	}
	name, count, _ := strings.Cut(text, ":")
	nth, err := strconv.ParseInt(count, 10, 64)
	if err != nil || nth < 1 || !slices.Contains(Names(), Name(name)) {
		panic(fmt.Sprintf("%s=%s must be one of %v, a colon, and which time from 1", Variable, text, Names()))
	}
	a.at = Name(name)
	a.left.Store(nth)
	return a
}

// Reach ends the process where it is armed for this point: at once, and nothing
// is flushed, closed or said to anybody.
func Reach(name Name) {
	a := armed()
	if a.at != name || a.left.Add(-1) != 0 {
		return
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // the signal is on its way: nothing more may happen here
}
