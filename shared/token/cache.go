package token

import (
	"crypto/sha256"
	"sync"
	"time"
)

const (
	cacheSize = 50_000           // tokens: about 15 MB when full
	cacheLife = 60 * time.Second // how long a key taken out of the set still verifies
	shards    = 16
)

// cache remembers which tokens have passed, by their SHA-256, so that a copy of
// its memory holds no token. Each shard has two generations: when the young one
// is full it becomes the old one, and the old one is dropped. That bounds the
// memory without a list to keep in order.
type cache [shards]shard

type shard struct {
	mu         sync.Mutex
	limit      int // of one generation
	young, old map[[sha256.Size]byte]entry
}

type entry struct {
	claims Claims
	until  time.Time
}

func newCache(size int) *cache {
	c := new(cache)
	for i := range c {
		c[i].limit = max(1, size/shards/2)
		c[i].young = make(map[[sha256.Size]byte]entry)
	}
	return c
}

func (c *cache) get(sum [sha256.Size]byte, now time.Time) (Claims, bool) {
	s := &c[sum[0]%shards]
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.young[sum]
	if !ok {
		if e, ok = s.old[sum]; ok && now.Before(e.until) {
			s.add(sum, e) // still in use: it moves on to the next generation
		}
	}
	return e.claims, ok && now.Before(e.until)
}

// put remembers claims for a minute, or until they expire if that is sooner.
func (c *cache) put(sum [sha256.Size]byte, claims Claims, now time.Time) {
	until := now.Add(cacheLife)
	if claims.ExpiresAt.Before(until) {
		until = claims.ExpiresAt
	}
	if !now.Before(until) {
		return
	}
	s := &c[sum[0]%shards]
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(sum, entry{claims, until})
}

func (s *shard) add(sum [sha256.Size]byte, e entry) {
	if len(s.young) >= s.limit {
		s.old, s.young = s.young, make(map[[sha256.Size]byte]entry, s.limit)
	}
	s.young[sum] = e
}
