package meter

import (
	"time"
)

// Usage is what one program costs, its children included: nginx's workers,
// PostgreSQL's backends.
type Usage struct {
	Processes int           `json:"processes"`
	CPU       time.Duration `json:"cpu"` // since it started
	Memory
	Sockets []int `json:"sockets,omitempty"` // descriptors that are sockets, of each process, root first
}

// CPU is the time that each program has used so far, by its root process.
func CPU(roots []int) (map[int]time.Duration, error) {
	all, err := everybody()
	if err != nil {
		return nil, err
	}
	used := map[int]time.Duration{}
	for _, root := range roots {
		used[root] = cpuOf(all, root)
	}
	return used, nil
}

// cpuOf counts who lives by their own time and who has ended by their parent's
// word. Nobody's time is lost between two counts.
func cpuOf(all map[int]stat, root int) time.Duration {
	var used time.Duration
	for _, pid := range family(all, root) {
		used += all[pid].cpu + all[pid].children
	}
	return used
}

// Measure is everything about each program, by its root process. It costs a
// few milliseconds a process: not while something else is measured.
func Measure(roots []int) (map[int]Usage, error) {
	all, err := everybody()
	if err != nil {
		return nil, err
	}
	usage := map[int]Usage{}
	for _, root := range roots {
		u := Usage{CPU: cpuOf(all, root)}
		for _, pid := range family(all, root) {
			m, alive := memoryOf(pid)
			if !alive {
				continue
			}
			u.Processes++
			u.RSS += m.RSS
			u.PSS += m.PSS
			u.Sockets = append(u.Sockets, socketsOf(pid))
		}
		usage[root] = u
	}
	return usage, nil
}
