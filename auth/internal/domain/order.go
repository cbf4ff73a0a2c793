package domain

import "time"

// Order is the wish for a link or a code. Whoever asks is answered before
// anybody looks whether there is such an account: the answer and its time are
// the same for all.
type Order struct {
	ID      string
	Purpose Purpose
	Address string
	User    UserID    // who asks; "" where nobody was signed in
	Session SessionID // from which; "" likewise
	At      time.Time
	Trace   string // what it is followed by; "" where nobody does
}

const (
	// orderWindow and ordersPerWindow bound what one address, and one account, is
	// sent. A link lives as long as the window, so that whoever uses it up for
	// somebody else has sent them a link that works.
	orderWindow     = time.Hour
	ordersPerWindow = 5
)

// Window is since when earlier tokens count against the order.
func (o Order) Window(now time.Time) time.Time { return now.Add(-orderWindow) }

// TooMany says whether so many earlier ones leave this one without an answer.
func (o Order) TooMany(earlier int) bool { return earlier >= ordersPerWindow }

// Fulfil says what to send for the order, found being the account that it is
// about (nil: none) and holder that which has the address already (nil: none).
// false sends nothing.
func (o Order) Fulfil(found, holder *Account) (Template, bool) {
	if found == nil || !found.Active {
		return "", false
	}
	switch o.Purpose {
	case VerifyEmail:
		return LetterVerify, !found.EmailVerified
	case ResetPassword:
		return LetterReset, true
	case ChangeEmail:
		if holder == nil {
			return LetterChange, true
		}
		return LetterInUse, holder.ID != found.ID && holder.Active
	case VerifyPhone:
		return TextCode, true
	}
	return "", false
}
