package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
)

// memory of a process, in bytes.
type memory struct {
	resident, peak int64
	heap, stacks   int64 // in use, as the runtime says
	goroutines     int64
}

// settled collects garbage a few times, which also shrinks stacks, and reads what is left.
func (i *instance) settled() memory {
	i.t.Helper()
	for range 4 {
		i.ask("/debug/pprof/heap?gc=1")
	}
	return i.memory()
}

func (i *instance) memory() memory {
	i.t.Helper()
	var m memory
	for line := range strings.Lines(i.ask("/metrics")) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		name, _, _ = strings.Cut(name, "{")
		number, _ := strconv.ParseFloat(value, 64)
		switch name {
		case "go_memstats_heap_inuse_bytes":
			m.heap = int64(number)
		case "go_memstats_stack_inuse_bytes":
			m.stacks = int64(number)
		case "go_goroutines":
			m.goroutines = int64(number)
		}
	}
	m.resident, m.peak = i.status("VmRSS"), i.status("VmHWM")
	return m
}

// status reads a line of /proc/PID/status (proc_pid_status(5)).
func (i *instance) status(name string) int64 {
	i.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", i.pid))
	if err != nil {
		i.t.Fatalf("read the memory of a process: %v", err)
	}
	for line := range strings.Lines(string(text)) {
		if value, found := strings.CutPrefix(line, name+":"); found {
			kilobytes, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64) // the kernel writes numbers
			return kilobytes << 10
		}
	}
	return 0
}

// forgetPeak has the peak begin anew.
func (i *instance) forgetPeak() {
	i.t.Helper()
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", i.pid), []byte("5"), 0); err != nil {
		i.t.Errorf("the peak is that since the start: %v", err)
	}
}

func (i *instance) ask(path string) string {
	i.t.Helper()
	res, err := http.Get("http://" + i.admin + path) //nolint:noctx // a local process that answers at once
	if err != nil {
		i.t.Fatalf("ask notification: %v", err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		i.t.Fatalf("ask notification: %v", err)
	}
	return string(text)
}

// kernel is what the kernel holds for sockets, in bytes, of all processes.
type kernel struct {
	buffers int64 // data that waits
	slabs   int64 // the sockets and files themselves; 0 where nobody may read it
}

// slabNames are the caches that grow with open TCP connections.
var slabNames = map[string]bool{"TCP": true, "sock_inode_cache": true, "dentry": true, "filp": true, "tw_sock_TCP": true, "request_sock_TCP": true, "eventpoll_epi": true}

func kernelMemory() (k kernel) {
	if text, err := os.ReadFile("/proc/net/sockstat"); err == nil {
		fields := strings.Fields(string(text))
		for n, field := range fields {
			if field == "mem" && n > 0 && n+1 < len(fields) && k.buffers == 0 { // TCP's comes first
				pages, _ := strconv.ParseInt(fields[n+1], 10, 64)
				k.buffers = pages * int64(os.Getpagesize())
			}
		}
	}
	text, err := os.ReadFile("/proc/slabinfo")
	if err != nil {
		return k
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) < 4 || !slabNames[fields[0]] {
			continue
		}
		objects, _ := strconv.ParseInt(fields[2], 10, 64)
		size, _ := strconv.ParseInt(fields[3], 10, 64)
		k.slabs += objects * size
	}
	return k
}
