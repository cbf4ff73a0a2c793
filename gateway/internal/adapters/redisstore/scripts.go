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
	made, _ := s.made.LoadOrStore(p, s.pool.Script(constants(p, s.keep)+takeScript, 1))
	return made.(*redispool.Script) //nolint:forcetypeassert // as above
}

// constants are the lines of Lua that stand before the script.
func constants(p domain.Policy, keep int64) string {
	var lua strings.Builder
	fmt.Fprintf(&lua, "local slot, interval, depth, keep = %d, %d, %d, %d\n",
		p.Slot+1, p.Bucket.Interval().Microseconds(), p.Bucket.Depth().Microseconds(), keep)
	for i, w := range p.Windows {
		fmt.Fprintf(&lua, "local limit%d, span%d = %d, %d\n", i+1, i+1, w.Count, w.Window.Milliseconds())
	}
	return lua.String()
}
