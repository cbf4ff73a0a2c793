package main

import (
	"strconv"
	"strings"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/embedded"
	"github.com/loveapp/backend/shared/redispool"
	"github.com/loveapp/backend/test/world"
)

// processOf is the process of Redis; 0 where it runs in this one, for the want of a server.
func processOf(t world.T, r *embedded.Redis) int {
	t.Helper()
	if r.InProcess() {
		return 0
	}
	pool, err := redispool.Open(redispool.Config{Addrs: []config.HostPort{r.Addr()}, Password: r.Password()})
	if err != nil {
		t.Fatalf("reach Redis: %v", err)
	}
	defer func() { _ = pool.Close() }()
	reply, err := pool.Do(t.Context(), "INFO", "server")
	about, ok := reply.([]byte)
	if err != nil || !ok {
		t.Fatalf("ask Redis who it is: %v", err)
	}
	for line := range strings.Lines(string(about)) {
		if id, found := strings.CutPrefix(line, "process_id:"); found {
			pid, err := strconv.Atoi(strings.TrimSpace(id))
			if err != nil {
				t.Fatalf("the process of Redis: %v", err)
			}
			return pid
		}
	}
	t.Fatalf("Redis does not say which process it is")
	return 0
}
