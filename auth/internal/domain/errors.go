package domain

import "github.com/loveapp/backend/shared/fault"

// What callers tell apart.
var (
	ErrEmailTaken = fault.New(fault.Conflict, "email_taken", "There is an account with this e-mail address already.")
	// ErrInvalidCredentials says nothing about which part was wrong, or whether there is such an account.
	ErrInvalidCredentials = fault.New(fault.Unauthenticated, "invalid_credentials", "The e-mail address or the password is wrong.")
	// ErrUnauthenticated is the one answer to a refresh token that is missing, malformed or forged.
	ErrUnauthenticated = fault.New(fault.Unauthenticated, "unauthenticated", "Sign in to do this.")
	// ErrSessionEnded is the only answer upon which an app may sign its user out.
	ErrSessionEnded    = fault.New(fault.Unauthenticated, "session_ended", "This session has ended. Sign in again.")
	ErrUserNotFound    = fault.New(fault.NotFound, "not_found", "There is no such user.")
	ErrSessionNotFound = fault.New(fault.NotFound, "not_found", "There is no such session.")
)

// Refusal says why a single value cannot be accepted; whoever knows the field's name adds it.
type Refusal struct{ Code, Message string }

// refusals collects the wrong fields of one request, so that the client learns of all at once.
type refusals []fault.Field

// note adds the refusal of a field, if it is one.
func (r *refusals) note(field string, why *Refusal) {
	if why != nil {
		*r = append(*r, fault.Field{Field: field, Code: why.Code, Message: why.Message})
	}
}

func (r refusals) err() error {
	if len(r) == 0 {
		return nil
	}
	return fault.NewInvalid(r...)
}

// missing is the refusal of a required value that is not there.
var missing = &Refusal{"required", "is required"}
