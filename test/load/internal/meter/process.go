// Package meter reads from /proc what processes cost: time, memory, sockets.
package meter

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// userHZ is the unit of /proc's times: 100 a second on every Linux that Go runs on.
const userHZ = 100

// stat is what is needed of /proc/PID/stat (proc_pid_stat(5)).
type stat struct {
	pid, parent int
	cpu         time.Duration // of itself
	children    time.Duration // of its children that have ended
}

func readStat(pid int) (stat, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return stat{}, err
	}
	// The name is in parentheses and may hold anything, parentheses too.
	end := bytes.LastIndexByte(text, ')')
	fields := strings.Fields(string(text[end+1:]))
	const state, parent, utime, stime, cutime, cstime = 0, 1, 11, 12, 13, 14
	if end < 0 || len(fields) <= cstime {
		return stat{}, fmt.Errorf("/proc/%d/stat has an unknown form", pid)
	}
	number := func(i int) int64 {
		n, _ := strconv.ParseInt(fields[i], 10, 64) // the kernel writes numbers
		return n
	}
	ticks := func(n int64) time.Duration { return time.Duration(n) * time.Second / userHZ }
	return stat{
		pid: pid, parent: int(number(parent)),
		cpu: ticks(number(utime) + number(stime)), children: ticks(number(cutime) + number(cstime)),
	}, nil
}

// everybody is every process of the machine by its id.
func everybody() (map[int]stat, error) {
	names, err := filepath.Glob("/proc/[0-9]*")
	if err != nil || len(names) == 0 {
		return nil, fmt.Errorf("processes are counted from /proc, and there is none: %w", os.ErrNotExist)
	}
	all := make(map[int]stat, len(names))
	for _, name := range names {
		pid, err := strconv.Atoi(filepath.Base(name))
		if err != nil {
			continue
		}
		if s, err := readStat(pid); err == nil { // who has ended meanwhile is no loss
			all[pid] = s
		}
	}
	return all, nil
}

// family is root and everything below it, root first.
func family(all map[int]stat, root int) []int {
	children := map[int][]int{}
	for pid, s := range all {
		children[s.parent] = append(children[s.parent], pid)
	}
	members := []int{root}
	for i := 0; i < len(members); i++ {
		members = append(members, children[members[i]]...)
	}
	return members
}

// Memory of a process or several.
type Memory struct {
	RSS int64 `json:"rss"` // bytes; shared pages count for each
	PSS int64 `json:"pss"` // bytes; shared pages are divided among those who share them
}

func memoryOf(pid int) (Memory, bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return Memory{}, false
	}
	var m Memory
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		kilobytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		switch {
		case err != nil:
		case name == "Rss":
			m.RSS = kilobytes << 10
		case name == "Pss":
			m.PSS = kilobytes << 10
		}
	}
	return m, true
}

// socketsOf counts the descriptors that are sockets.
func socketsOf(pid int) int {
	dir := fmt.Sprintf("/proc/%d/fd", pid)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0
	}
	count := 0
	for _, e := range entries {
		if target, err := os.Readlink(filepath.Join(dir, e.Name())); err == nil && strings.HasPrefix(target, "socket:") {
			count++
		}
	}
	return count
}
