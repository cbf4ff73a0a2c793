package meter

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// Machine is where a load ran.
type Machine struct {
	CPU    string `json:"cpu"`
	Cores  int    `json:"cores"`
	Memory int64  `json:"memory"` // bytes
	Kernel string `json:"kernel"`
	Go     string `json:"go"`
}

// ThisMachine describes itself; what it cannot find out stays empty.
func ThisMachine() Machine {
	m := Machine{Cores: runtime.NumCPU(), Go: runtime.Version()}
	if text, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.Kernel = strings.TrimSpace(string(text))
	}
	m.CPU = valueOf("/proc/cpuinfo", "model name")
	kilobytes, _ := strconv.ParseInt(strings.TrimSuffix(valueOf("/proc/meminfo", "MemTotal"), " kB"), 10, 64) // 0 where it is not told
	m.Memory = kilobytes << 10
	return m
}

// valueOf is the first "name : value" of a file.
func valueOf(path, name string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if key, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// Load is the time of all cores together since the machine started.
type Load struct {
	User, System, Interrupts, Idle, Stolen time.Duration
}

// CountLoad reads /proc/stat (proc_stat(5)).
func CountLoad() (Load, error) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return Load{}, fmt.Errorf("read the machine's load: %w", err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	fields := strings.Fields(first)
	const user, nice, system, idle, wait, hard, soft, steal = 1, 2, 3, 4, 5, 6, 7, 8
	if len(fields) <= steal {
		return Load{}, fmt.Errorf("/proc/stat begins with %q", first)
	}
	at := func(i int) time.Duration {
		n, _ := strconv.ParseInt(fields[i], 10, 64) // the kernel writes numbers
		return time.Duration(n) * time.Second / userHZ
	}
	return Load{User: at(user) + at(nice), System: at(system), Interrupts: at(hard) + at(soft), Idle: at(idle) + at(wait), Stolen: at(steal)}, nil
}

// Since is what has been used after an earlier count.
func (l Load) Since(earlier Load) Load {
	return Load{
		User: l.User - earlier.User, System: l.System - earlier.System, Interrupts: l.Interrupts - earlier.Interrupts,
		Idle: l.Idle - earlier.Idle, Stolen: l.Stolen - earlier.Stolen,
	}
}

// Busy is the share of all time in which a core did something, 0 to 1.
func (l Load) Busy() float64 {
	busy := l.User + l.System + l.Interrupts
	if all := busy + l.Idle + l.Stolen; all > 0 {
		return float64(busy) / float64(all)
	}
	return 0
}
