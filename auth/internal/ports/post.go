package ports

import (
	"context"
	"errors"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
)

// ErrNothingDue is what is said where there is nothing to do.
var ErrNothingDue = errors.New("nothing is due")

// AccountWriter changes whole accounts.
type AccountWriter interface {
	// LockAccount gives the account as it is and keeps others from changing it
	// until the transaction ends. It fails with domain.ErrUserNotFound. Whoever
	// needs this lock takes it before any other.
	LockAccount(ctx context.Context, id domain.UserID) (domain.Account, error)
	// FindAccount looks by address and locks nothing. It fails with domain.ErrUserNotFound.
	FindAccount(ctx context.Context, email domain.Email) (domain.Account, error)
	// SaveAccount keeps all of a locked account. It fails with
	// domain.ErrEmailTaken where another one has the address.
	SaveAccount(ctx context.Context, account domain.Account) error
	// ClaimPhone takes a verified number from whoever else has it: numbers move
	// on to other people.
	ClaimPhone(ctx context.Context, by domain.UserID, phone string) error
	// OtherSuperAdmins counts the active ones; it takes turns with Supervise.
	OtherSuperAdmins(ctx context.Context, than domain.UserID) (int, error)
}

// PostWriter takes what is to be sent, and the tokens that letters carry.
type PostWriter interface {
	// PlaceOrder keeps the order until it is taken.
	PlaceOrder(ctx context.Context, order domain.Order) error
	// TakeOrder removes the oldest order that nobody else is taking; back it
	// comes if the transaction fails. It fails with ErrNothingDue.
	TakeOrder(ctx context.Context) (domain.Order, error)
	// AddToken keeps a new one-time token.
	AddToken(ctx context.Context, token domain.OneTimeToken) error
	// CountTokens counts those of the purpose made after since for the user or to the address.
	CountTokens(ctx context.Context, purpose domain.Purpose, user domain.UserID, address string, since time.Time) (int, error)
	// NewestToken is the user's latest of the purpose. It fails with domain.ErrLinkSpent.
	NewestToken(ctx context.Context, user domain.UserID, purpose domain.Purpose) (domain.OneTimeToken, error)
	// CountTry notes a wrong code.
	CountTry(ctx context.Context, id domain.TokenID) error
	// SpendToken removes the token; of any number at once one succeeds, the
	// others fail with domain.ErrLinkSpent.
	SpendToken(ctx context.Context, id domain.TokenID) error
	// DropTokens removes all of the user's tokens of the purposes.
	DropTokens(ctx context.Context, user domain.UserID, purposes ...domain.Purpose) error
	// Post queues the message, to go out at once.
	Post(ctx context.Context, message domain.Message) error
}

// Post is the queue of messages. Its own clock decides what is due.
type Post interface {
	// Due hands out up to limit messages of the channels, the longest due first,
	// each with one more try counted and to nobody else before the lease is over.
	Due(ctx context.Context, channels []domain.Channel, lease time.Duration, limit int) ([]domain.Message, error)
	// Sent forgets the message.
	Sent(ctx context.Context, id domain.MessageID) error
	// Later has it tried again after the pause; why is a short word for operators.
	Later(ctx context.Context, id domain.MessageID, pause time.Duration, why string) error
	// Dead has it tried no more, and forgets its address.
	Dead(ctx context.Context, id domain.MessageID, why string) error
	// Token finds a one-time token. It fails with domain.ErrLinkSpent.
	Token(ctx context.Context, id domain.TokenID) (domain.OneTimeToken, error)
	// Sweep forgets tokens that expired, and messages that died, before the moment.
	Sweep(ctx context.Context, before time.Time) error
}

// Carrier hands letters of one channel to whoever takes them to people.
type Carrier interface {
	// Send fails with a *SendError, or with ctx's error when ctx was cancelled. The
	// same letter sent again has the same id, by which a reader's program knows it.
	Send(ctx context.Context, letter domain.Letter) error
}

// SendError is why a letter could not be handed over. It may be logged.
type SendError struct {
	// Final: this letter will never go.
	Final bool
	// Why is a short word without any address.
	Why string
	// After is what the carrier asked to wait; 0: it said nothing.
	After time.Duration
	// Trouble is a sentence for operators, where only they can help; "" else.
	Trouble string
}

func (e *SendError) Error() string { return "not sent: " + e.Why }
