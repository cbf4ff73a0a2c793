package redisstore

import (
	"errors"
	"strconv"
	"strings"
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
	policy domain.Policy
}

// call is one of the policy's script for so many requests.
func (s subject) call(scripts *scripts, requests int) redispool.Call {
	return redispool.Call{Script: scripts.of(s.policy), KeysAndArgs: []any{keyPrefix + string(s.client), requests}}
}

// The script's answer to one request.
const (
	allowed = iota
	which
	remaining
	reset
	retryAfter
	replySize
)

// verdicts reads the script's reply. Past its end everybody gets the last
// verdict: the script ends at the first denial.
func (s subject) verdicts(reply any, err error) ([]domain.Verdict, error) {
	text, err := redis.String(reply, err)
	if err != nil {
		return nil, err
	}
	numbers, err := integers(text)
	if err != nil {
		return nil, err
	}
	if len(numbers) == 0 || len(numbers)%replySize != 0 {
		return nil, errForm
	}
	verdicts := make([]domain.Verdict, 0, len(numbers)/replySize)
	for ; len(numbers) > 0; numbers = numbers[replySize:] {
		verdicts = append(verdicts, verdict(numbers, s.policy))
	}
	return verdicts, nil
}

// integers reads those of a text, with spaces between them.
func integers(text string) ([]int64, error) {
	numbers := make([]int64, 0, replySize)
	for field := range strings.FieldsSeq(text) {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return nil, errForm
		}
		numbers = append(numbers, n)
	}
	return numbers, nil
}

func verdict(reply []int64, p domain.Policy) domain.Verdict {
	v := domain.Verdict{
		Allowed: reply[allowed] == 1, Remaining: reply[remaining],
		Reset: micros(reply[reset]), RetryAfter: micros(reply[retryAfter]),
	}
	if i := reply[which]; i > 0 {
		v.Limit = p.Windows[i-1]
	} else if p.Bucket.On() {
		v.Limit = p.Bucket
	}
	return v
}

func micros(n int64) time.Duration { return time.Duration(n) * time.Microsecond }
