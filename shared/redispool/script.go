package redispool

import (
	"context"
	"crypto/sha1" //nolint:gosec // the name that Redis gives a script, no protection
	"encoding/hex"
	"errors"
)

// Script is a Lua script that Redis runs as one step.
type Script struct {
	pool   *Pool
	source string
	sha    string
	keys   int
}

// Script prepares source, which takes the given number of keys. In a cluster all
// keys of a call are on one node: share a {hash tag} among them.
func (p *Pool) Script(source string, keys int) *Script {
	sum := sha1.Sum([]byte(source)) //nolint:gosec // see above
	return &Script{pool: p, source: source, sha: hex.EncodeToString(sum[:]), keys: keys}
}

// Do runs it with the keys first and the arguments after them. Only a server
// that does not know the script, or has forgotten it, is sent its source.
func (s *Script) Do(ctx context.Context, keysAndArgs ...any) (any, error) {
	if len(keysAndArgs) < s.keys {
		return nil, errors.New("redispool: the script needs more keys")
	}
	key := ""
	if s.keys > 0 {
		key = firstKey(keysAndArgs)
	}
	return s.pool.with(ctx, key, func(c commander) (any, error) {
		reply, err := c.do(ctx, "EVALSHA", s.call(s.sha, keysAndArgs)...)
		if forgotten(err) {
			return c.do(ctx, "EVAL", s.call(s.source, keysAndArgs)...)
		}
		return reply, err
	})
}

func (s *Script) call(script string, keysAndArgs []any) []any {
	args := append(make([]any, 0, 2+len(keysAndArgs)), script, s.keys)
	return append(args, keysAndArgs...)
}
