package redispool

import "context"

// Clustered tells whether Redis is a cluster, where keys that are written much
// should be many. It fails only before the first answer of Redis.
func (p *Pool) Clustered(ctx context.Context) (bool, error) {
	nodes, err := p.topology(ctx)
	if err != nil {
		return false, classify(ctx, err)
	}
	_, clustered := nodes.(*cluster)
	return clustered, nil
}
