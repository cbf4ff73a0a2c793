package token

import (
	"crypto/sha256"
	"encoding/binary"
	"testing"
	"time"
)

func sum(i int) [sha256.Size]byte {
	return sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(i)))
}

func TestTheCacheIsBoundedAndKeepsWhatIsInUse(t *testing.T) {
	t.Parallel()
	const size = 320
	now := time.Now()
	c := newCache(size)
	hot := sum(-1)
	for i := range 20_000 {
		claims := Claims{ID: "x", ExpiresAt: now.Add(time.Hour)}
		if _, ok := c.get(hot, now); !ok && i > 0 {
			t.Fatalf("the token in use was forgotten after %d others", i)
		}
		if i == 0 {
			c.put(hot, claims, now)
		}
		c.put(sum(i), claims, now)
	}
	held := 0
	for i := range c {
		held += len(c[i].young) + len(c[i].old)
	}
	if held > size || held < size/2 {
		t.Fatalf("%d tokens are held, the limit is %d", held, size)
	}
	if _, ok := c.get(hot, now.Add(cacheLife)); ok {
		t.Fatal("use makes an entry outlive its minute")
	}
}
