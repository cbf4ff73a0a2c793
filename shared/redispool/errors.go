package redispool

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"github.com/gomodule/redigo/redis"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/trust"
)

var errUnavailable = fault.New(fault.Unavailable, "unavailable", "The service cannot reach its cache right now. Try again shortly.").
	WithRetryAfter(time.Second)

// passingAnswers are the first words of refusals that end by themselves: a
// server that starts, a failover, a slot on its way, a script that runs too long.
var passingAnswers = []string{"LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "MOVED", "ASK", "BUSY", "NOREPLICAS", "ERR max number of clients"}

// classify turns what will pass into 503 unavailable with the error as its cause.
func classify(ctx context.Context, err error) error {
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return err // the caller left
	}
	if passing(err) {
		return errUnavailable.WithCause(err)
	}
	return err
}

func passing(err error) bool {
	if answer, ok := errors.AsType[redis.Error](err); ok {
		return begins(answer, passingAnswers)
	}
	return broken(err) || trust.Refused(err) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, redis.ErrPoolExhausted) || fromRedisc(err)
}

// broken: the connection is of no use any more, and likely others to the same node.
func broken(err error) bool {
	if answer, ok := errors.AsType[redis.Error](err); ok {
		return begins(answer, []string{"READONLY"})
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || fromRedisc(err)
}

// fromRedisc: its errors, all about nodes that cannot be reached, have no type.
func fromRedisc(err error) bool { return strings.HasPrefix(err.Error(), "redisc: ") }

func begins(answer redis.Error, words []string) bool {
	for _, word := range words {
		if strings.HasPrefix(string(answer), word) {
			return true
		}
	}
	return false
}
