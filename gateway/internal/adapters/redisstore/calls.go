package redisstore

import (
	"errors"
	"time"

	"github.com/gomodule/redigo/redis"
	"github.com/loveapp/backend/gateway/internal/domain"
)

const keyPrefix = "limit:"

var errForm = errors.New("the script's answer has another form")

// subject is what a question is about: who is to be held to what.
type subject struct {
	client domain.Client
	policy domain.Policy
}

// arguments are those of a call of the script for so many requests.
func (s subject) arguments(keep int64, requests int) []any {
	p := s.policy
	args := make([]any, 0, 1+3+2*len(p.Windows)+2)
	args = append(args, keyPrefix+string(s.client), p.Slot+1, p.Bucket.Interval().Microseconds(), p.Bucket.Depth().Microseconds())
	for _, w := range p.Windows {
		args = append(args, w.Count, w.Window.Milliseconds())
	}
	return append(args, keep, requests)
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
	numbers, err := redis.Int64s(reply, err)
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
