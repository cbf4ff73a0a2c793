package ports

import (
	"context"
	"errors"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

// People remembers names, so that a call for help never waits for another service.
type People interface {
	// Name is what is remembered; found is false where nothing is.
	Name(ctx context.Context, id domain.UserID) (k KnownName, found bool, err error)
	// Remember keeps the name; "" means that the person has none. Their open calls
	// for help that were taken before it was known bear it from then on.
	Remember(ctx context.Context, id domain.UserID, name string) error
}

// KnownName is a name and how long ago it was heard.
type KnownName struct {
	Name string
	Age  time.Duration
}

// ErrUnknownPerson: there is no such account.
var ErrUnknownPerson = errors.New("no such account")

// Directory knows everybody's current name and verified addresses.
type Directory interface {
	// Name fails with ErrUnknownPerson where there is no such account. A person
	// without a name has "".
	Name(ctx context.Context, id domain.UserID) (string, error)
	// Addresses are those that the person has verified, failing like Name.
	Addresses(ctx context.Context, id domain.UserID) (domain.Addresses, error)
	// Holders are those who have verified one of the addresses, whatever case it is
	// written in.
	Holders(ctx context.Context, at domain.Addresses) ([]domain.UserID, error)
}
