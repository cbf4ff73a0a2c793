package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/lib/pq"
	"github.com/loveapp/backend/shared/fault"
)

// SQLSTATE codes (PostgreSQL manual, appendix A) that mean something to us.
const (
	successfulCompletion  = "00000"
	featureNotSupported   = "0A000"
	foreignKeyViolation   = "23503"
	uniqueViolation       = "23505"
	readOnlyTransaction   = "25006"
	invalidStatementName  = "26000"
	serializationFailure  = "40001"
	deadlockDetected      = "40P01"
	duplicateObject       = "42710"
	lockNotAvailable      = "55P03"
	queryCanceled         = "57014"
	adminShutdown         = "57P01"
	crashShutdown         = "57P02"
	cannotConnectNow      = "57P03"
	internalError         = "XX000"
	connectionErrorsClass = "08"
	resourcesClass        = "53" // connections, disk, memory
	systemErrorsClass     = "58" // what the system under the server refuses: a file gone, a disk that fails
)

// errUnavailable is what a client sees while the database is away.
var errUnavailable = fault.New(fault.Unavailable, "unavailable", "The service cannot reach its data right now. Try again shortly.").
	WithRetryAfter(time.Second)

// IsUnique reports whether err is a violation of the named unique constraint or index.
func IsUnique(err error, constraint string) bool { return violates(err, uniqueViolation, constraint) }

// IsForeignKey reports whether err is a violation of the named foreign key.
func IsForeignKey(err error, constraint string) bool {
	return violates(err, foreignKeyViolation, constraint)
}

func violates(err error, code, constraint string) bool {
	e, ok := errors.AsType[*pq.Error](err)
	return ok && string(e.Code) == code && e.Constraint == constraint
}

// Classify turns what will pass (the server is away, starting, failing over or
// full, a time-out, contention that outlasted the retries) into 503 unavailable
// with the error as its cause. Everything else, nil included, stays as it is.
func Classify(err error) error {
	if err == nil {
		return nil
	}
	if _, done := errors.AsType[*fault.Error](err); done || errors.Is(err, context.Canceled) {
		return err
	}
	if passing(err) {
		return errUnavailable.WithCause(err)
	}
	return err
}

func passing(err error) bool {
	if e, ok := errors.AsType[*pq.Error](err); ok {
		return meansFailover(err) || strings.HasPrefix(string(e.Code), resourcesClass) || strings.HasPrefix(string(e.Code), systemErrorsClass) ||
			hasCode(err, serializationFailure, deadlockDetected, lockNotAvailable, queryCanceled)
	}
	if _, ok := errors.AsType[connectError](err); ok {
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok { // context.DeadlineExceeded is one
		return true
	}
	for _, broken := range []error{errLost, driver.ErrBadConn, sql.ErrConnDone, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed} {
		if errors.Is(err, broken) {
			return true
		}
	}
	return false
}

// meansFailover: the server is going down or has become a replica, so the other
// connections to it are worth nothing either.
func meansFailover(err error) bool {
	e, ok := errors.AsType[*pq.Error](err)
	return ok && (strings.HasPrefix(string(e.Code), connectionErrorsClass) ||
		hasCode(err, readOnlyTransaction, adminShutdown, crashShutdown, cannotConnectNow))
}

func isCanceled(err error) bool { return errors.Is(err, context.Canceled) }

func hasCode(err error, codes ...string) bool {
	e, ok := errors.AsType[*pq.Error](err)
	return ok && slices.Contains(codes, string(e.Code))
}
