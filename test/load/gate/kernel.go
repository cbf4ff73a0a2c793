package main

import (
	"os"
	"strconv"
	"strings"
)

// slabNames are the caches that grow with open TCP connections.
var slabNames = map[string]bool{ //nolint:gochecknoglobals // a constant set
	"TCP": true, "sock_inode_cache": true, "dentry": true, "filp": true, "eventpoll_epi": true, "pipe_inode_cache": true, "kmalloc-1k": true,
}

// kernelMemory is what the kernel holds for TCP of all processes, in bytes:
// data that waits, and the sockets and files themselves.
func kernelMemory() (bytes int64) {
	if text, err := os.ReadFile("/proc/net/sockstat"); err == nil {
		for line := range strings.Lines(string(text)) {
			if _, pages, found := strings.Cut(line, " mem "); found && strings.HasPrefix(line, "TCP:") {
				n, _ := strconv.ParseInt(strings.TrimSpace(pages), 10, 64)
				bytes += n * int64(os.Getpagesize())
			}
		}
	}
	text, err := os.ReadFile("/proc/slabinfo")
	if err != nil {
		return bytes
	}
	for line := range strings.Lines(string(text)) {
		const active, size = 1, 3
		fields := strings.Fields(line)
		if len(fields) <= size || !slabNames[fields[0]] {
			continue
		}
		objects, _ := strconv.ParseInt(fields[active], 10, 64)
		each, _ := strconv.ParseInt(fields[size], 10, 64)
		bytes += objects * each
	}
	return bytes
}
