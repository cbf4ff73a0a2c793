package redispool_test

import (
	"testing"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/redispool"
	"github.com/loveapp/backend/shared/redispool/redistest"
)

func TestAClusterIsToldFromASingleNode(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pool      *redispool.Pool
		clustered bool
	}{
		"one node": {redistest.New(t), false},
		"cluster":  {redistest.OnCluster(t), true},
	} {
		if clustered, err := c.pool.Clustered(t.Context()); err != nil || clustered != c.clustered {
			t.Errorf("%s: %t, %v", name, clustered, err)
		}
	}
	away := open(t, redispool.Config{Addrs: []config.HostPort{{Host: "127.0.0.1", Port: 1}}})
	_, err := away.Clustered(t.Context())
	wantUnavailable(t, err)
}
