package redispool

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gomodule/redigo/redis"
	"github.com/loveapp/backend/shared/health"
)

// Checks are what the health pages show of it. Redis is never the only holder
// of anything, so without it a service is degraded, not down.
func (p *Pool) Checks() []health.Check {
	return []health.Check{{Name: "redis", Group: health.Redis, Role: "cache and fan-out", Probe: p.Ping}}
}

// Survey shows each node of a cluster; of a single node Checks has said it all.
func (p *Pool) Survey() health.Survey {
	return health.Survey{Group: health.Redis, Look: p.survey}
}

func (p *Pool) survey(ctx context.Context) []health.Finding {
	nodes := p.nodes.Load()
	if nodes == nil {
		return nil
	}
	clustered, ok := (*nodes).(*cluster)
	if !ok {
		return nil
	}
	addresses := p.members(ctx, clustered.nodes())
	findings := make([]health.Finding, len(addresses))
	var looking sync.WaitGroup
	for i, address := range addresses {
		looking.Go(func() { findings[i] = p.visit(ctx, fmt.Sprintf("redis-%d", i+1), address) })
	}
	looking.Wait()
	return findings
}

// members asks the first of the known nodes that answers for all: a layout does
// not show replicas that are gone.
func (p *Pool) members(ctx context.Context, known []string) []string {
	conn, err := p.config.dialAny(ctx, known, 0)
	if err != nil {
		return known
	}
	defer func() { _ = conn.Close() }()
	text, err := redis.String(redis.DoContext(conn, ctx, "CLUSTER", "NODES"))
	if err != nil {
		return known
	}
	var members []string
	for line := range strings.Lines(text) {
		// <id> <ip:port@bus[,name]> <flags> …
		if fields := strings.Fields(line); len(fields) > 2 && !strings.Contains(fields[2], "noaddr") {
			address, _, _ := strings.Cut(fields[1], "@")
			members = append(members, address)
		}
	}
	slices.Sort(members)
	return members
}

// visit asks one node what it is.
func (p *Pool) visit(ctx context.Context, name, address string) health.Finding {
	start := time.Now()
	found := health.Finding{Name: name, Role: "node"}
	conn, err := p.config.dialAny(ctx, []string{address}, 0)
	if err != nil {
		found.Err = err
		return found
	}
	defer func() { _ = conn.Close() }()
	info, err := redis.String(redis.DoContext(conn, ctx, "INFO", "replication"))
	found.Latency, found.Err = time.Since(start), err
	switch {
	case strings.Contains(info, "role:master"):
		found.Role = "master"
	case strings.Contains(info, "role:slave"):
		found.Role = "replica"
	}
	return found
}
