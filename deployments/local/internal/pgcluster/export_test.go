package pgcluster

import (
	"context"

	"github.com/loveapp/backend/deployments/local/internal/topology"
	"github.com/loveapp/backend/shared/config"
)

// Ping asks a server as the watch over the primary does.
func Ping(ctx context.Context, plan *topology.Plan, addr config.HostPort) error {
	return (&node{cluster: &Cluster{plan: plan}, addr: addr}).ping(ctx)
}
