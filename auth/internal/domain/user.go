package domain

import "time"

// User is an account as its owner sees it. Empty texts are values never given.
type User struct {
	ID            UserID
	Email         Email
	EmailVerified bool
	Phone         string // E.164
	PhoneVerified bool
	Role          Role
	Active        bool
	FirstName     string
	LastName      string
	Locale        string // BCP 47
	Timezone      string // IANA
	CreatedAt     time.Time
	UpdatedAt     time.Time
	// DeleteAfter is when the account's data is erased; zero where nobody asked for it.
	DeleteAfter time.Time
}

// Account is a user with what proves who they are. It stays between the use
// cases and the store.
type Account struct {
	User
	PasswordHash string // PHC string
	// CredentialVersion grows with every new password, not with a rehash of the
	// same: a sign-in that checked an older one must not open a session.
	CredentialVersion int64
	// MFA says that signing in takes a second factor.
	MFA bool
}

// Lookup names users by id or by address; only addresses that their owner has
// verified count, for anybody can write down somebody else's.
type Lookup struct {
	IDs    []UserID
	Emails []Email
	Phones []string
}
