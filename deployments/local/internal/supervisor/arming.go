package supervisor

import (
	"fmt"
	"sync"
	"syscall"

	"github.com/loveapp/backend/shared/failpoint"
)

// arming holds where services are to die, each once.
type arming struct {
	mu     sync.Mutex
	points map[string]string // by the name of the process
}

func (a *arming) set(name, point string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.points == nil {
		a.points = map[string]string{}
	}
	a.points[name] = point
}

// take gives what the next start of the process has in its environment beside
// its settings; the one after that has nothing.
func (a *arming) take(name string) []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	point, ok := a.points[name]
	if !ok {
		return nil
	}
	delete(a.points, name)
	return []string{failpoint.Variable + "=" + point}
}

// arm starts a service anew, with a point in it where it dies. Services that are
// not built with failpoints just start.
func (s *Supervisor) arm(name, point string) error {
	for _, one := range s.services {
		if one.unit.Name() != name {
			continue
		}
		pid := one.unit.PID()
		if pid == 0 {
			return fmt.Errorf("%s does not run", name)
		}
		s.armed.set(name, point)
		one.unit.Forgive() // to die on purpose is no crash loop
		return syscall.Kill(pid, syscall.SIGKILL)
	}
	return fmt.Errorf("no service %q", name)
}
