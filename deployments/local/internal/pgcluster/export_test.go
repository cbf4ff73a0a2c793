package pgcluster

import (
	"context"
	"log/slog"

	"github.com/loveapp/backend/deployments/local/internal/topology"
	"github.com/loveapp/backend/shared/config"
)

// Ping asks a server as the watch over the primary does.
func Ping(ctx context.Context, plan *topology.Plan, addr config.HostPort) error {
	return (&node{cluster: &Cluster{plan: plan}, addr: addr}).ping(ctx)
}

// NewReaching is New for a supervisor whose way to the servers is another one.
func NewReaching(plan *topology.Plan, logger *slog.Logger, reach func(config.HostPort) config.HostPort) (*Cluster, error) {
	return newCluster(plan, logger, reach)
}
