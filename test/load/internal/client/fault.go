package client

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/loveapp/backend/test/load/internal/score"
)

// What can go wrong beside an answer that is not the expected one.
const (
	faultConnect   score.Fault = "no_connection"
	faultBroken    score.Fault = "connection_broken"
	faultMalformed score.Fault = "malformed_answer"
	faultStopped   score.Fault = "stopped"
)

// ErrTimeout: no answer in time, wherever it was waited for: for a turn, a
// connection or the server.
var ErrTimeout = errors.New("no answer in time")

var (
	errConnect   = errors.New("no connection")
	errBroken    = errors.New("the connection broke")
	errMalformed = errors.New("the answer is no HTTP/1.1")
)

// FaultOf is the class of an error of Do.
func FaultOf(err error) score.Fault {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, ErrTimeout):
		return score.TimedOut
	case errors.Is(err, errConnect):
		return faultConnect
	case errors.Is(err, errMalformed):
		return faultMalformed
	case errors.Is(err, context.Canceled):
		return faultStopped
	default:
		return faultBroken
	}
}

// StatusFault is the class of an answer with a status that was not expected.
func StatusFault(status int) score.Fault { return score.Fault("status_" + strconv.Itoa(status)) }

func dialFault(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) {
		return ErrTimeout
	}
	return fmt.Errorf("%w: %w", errConnect, err)
}

func readFault(err error) error {
	switch {
	case errors.Is(err, errMalformed):
		return err
	case errors.Is(err, os.ErrDeadlineExceeded):
		return ErrTimeout
	default:
		return fmt.Errorf("%w: %w", errBroken, err)
	}
}
