package authtest

import "github.com/loveapp/backend/auth/internal/domain"

// Ban takes the account away from its owner.
func (a *Auth) Ban(userID string) { a.store.memory.SetActive(domain.UserID(userID), false) }

// SetRole gives a role (USER, ADMIN …); tokens have it from the next refresh on.
func (a *Auth) SetRole(userID, role string) {
	a.store.memory.SetRole(domain.UserID(userID), domain.Role(role))
}

// Verify marks a user's addresses as verified.
func (a *Auth) Verify(userID string, email, phone bool) {
	a.store.memory.SetVerified(domain.UserID(userID), email, phone)
}

// Events gives the kinds of what has been recorded so far, in order.
func (a *Auth) Events() (kinds []string) {
	for _, e := range a.store.memory.Journal() {
		kinds = append(kinds, string(e.Kind))
	}
	return kinds
}
