package event

// User is what auth tells other services about an account (GET
// /internal/users/{id}, POST /internal/users/lookup).
type User struct {
	ID            string `json:"id"`
	Email         string `json:"email"`
	EmailVerified bool   `json:"emailVerified"`
	Phone         string `json:"phone"`
	PhoneVerified bool   `json:"phoneVerified"`
	FirstName     string `json:"firstName"`
	LastName      string `json:"lastName"`
	Locale        string `json:"locale"`
	Role          string `json:"role"`
	Active        bool   `json:"active"`
}

// UserLookup asks for the accounts behind ids or verified addresses; at most 100 of all together.
type UserLookup struct {
	IDs    []string `json:"ids,omitempty"`
	Emails []string `json:"emails,omitempty"`
	Phones []string `json:"phones,omitempty"`
}

// Users is the answer to a lookup; what is unknown is left out.
type Users struct {
	Items []User `json:"items"`
}
