package redisstore

import (
	"encoding/binary"
	"errors"
	"math"
	"strconv"
	"time"

	"github.com/gomodule/redigo/redis"
	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/shared/redispool"
)

const keyPrefix = "limits:" // limit: were those of digits

var errForm = errors.New("the script's answer has another form")

// subject is what a question is about: who is to be held to what.
type subject struct {
	client domain.Client
	script *redispool.Script
}

// call is one of the policy's script for so many requests.
func (s subject) call(requests int) redispool.Call {
	return redispool.Call{Script: s.script, KeysAndArgs: []any{keyPrefix + string(s.client), requests}}
}

// answer is the script's to requests of one moment.
type answer struct {
	passes int64

	// Of the first that passes.
	which, remaining, reset int64
	// Of each that does not.
	denier, over, retryAfter int64
}

// How many bytes the script has for a number: a double, little-endian; digits
// where Redis runs in process.
const (
	doubleSize = 8
	digitsSize = 16
)

// readAnswer reads the seven numbers.
func readAnswer(reply any, err error) (a answer, _ error) {
	packed, err := redis.Bytes(reply, err)
	if err != nil {
		return a, err
	}
	numbers := [...]*int64{&a.passes, &a.which, &a.remaining, &a.reset, &a.denier, &a.over, &a.retryAfter}
	switch len(packed) {
	case len(numbers) * doubleSize:
		for i, n := range numbers {
			*n = int64(math.Float64frombits(binary.LittleEndian.Uint64(packed[i*doubleSize:])))
		}
	case len(numbers) * digitsSize:
		for i, n := range numbers {
			if *n, err = strconv.ParseInt(string(packed[i*digitsSize:(i+1)*digitsSize]), 10, 64); err != nil {
				return a, errForm
			}
		}
	default:
		return a, errForm
	}
	return a, nil
}

// verdict is that on the nth request, 0 the first. Each that passes leaves one
// less, and has a bucket full one interval later.
func (a answer) verdict(n int64, p domain.Policy) domain.Verdict {
	if n >= a.passes {
		return domain.Verdict{Limit: limit(a.denier, p), Reset: micros(a.over), RetryAfter: micros(a.retryAfter)}
	}
	v := domain.Verdict{Allowed: true, Limit: limit(a.which, p), Remaining: a.remaining - n, Reset: micros(a.reset)}
	if a.which == 0 {
		v.Reset += time.Duration(n) * p.Bucket.Interval()
	}
	return v
}

// limit is the policy's bucket, where it has one, or, from 1, one of its windows.
func limit(n int64, p domain.Policy) (l domain.Limit) {
	switch {
	case n > 0:
		l = p.Windows[n-1]
	case p.Bucket.On():
		l = p.Bucket
	}
	return l
}

func micros(n int64) time.Duration { return time.Duration(n) * time.Microsecond }
