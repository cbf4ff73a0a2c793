package redisstore

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/shared/redispool"
)

//go:embed take.lua
var takeScript string

// scripts are take.lua for each policy. A gateway has some ten of them, for they come from its settings.
type scripts struct {
	pool *redispool.Pool
	keep int64    // ms
	made sync.Map // domain.Policy to *redispool.Script
}

func (s *scripts) of(p domain.Policy) *redispool.Script {
	if made, ok := s.made.Load(p); ok {
		return made.(*redispool.Script) //nolint:forcetypeassert // nothing else is stored
	}
	made, _ := s.made.LoadOrStore(p, s.pool.Script(source(p, s.keep), 1))
	return made.(*redispool.Script) //nolint:forcetypeassert // as above
}

// source is take.lua for one policy.
func source(p domain.Policy, keep int64) string {
	var lua strings.Builder
	fmt.Fprintf(&lua, "local interval, depth, keep = %d, %d, '%d'\n",
		p.Bucket.Interval().Microseconds(), p.Bucket.Depth().Microseconds(), keep)
	for i, w := range p.Windows {
		fmt.Fprintf(&lua, "local limit%d, span%d = %d, %d\n", i+1, i+1, w.Count, w.Window.Milliseconds())
	}
	lua.WriteString(strings.ReplaceAll(takeScript, "BUCKET", fmt.Sprintf("bucket%d", p.Slot+1)))
	return lua.String()
}
