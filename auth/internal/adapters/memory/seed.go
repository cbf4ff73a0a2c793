package memory

import "github.com/loveapp/backend/auth/internal/domain"

// SetActive bans a user or takes the ban back.
func (s *Store) SetActive(id domain.UserID, active bool) {
	s.seed(id, func(a *domain.Account) { a.Active = active })
}

// SetRole gives a role.
func (s *Store) SetRole(id domain.UserID, role domain.Role) {
	s.seed(id, func(a *domain.Account) { a.Role = role })
}

// SetVerified marks the addresses as verified.
func (s *Store) SetVerified(id domain.UserID, email, phone bool) {
	s.seed(id, func(a *domain.Account) { a.EmailVerified, a.PhoneVerified = email, phone })
}

// SetCredentialVersion stands for a new password.
func (s *Store) SetCredentialVersion(id domain.UserID, version int64) {
	s.seed(id, func(a *domain.Account) { a.CredentialVersion = version })
}

// seed puts an account into a state that no use case leads to yet.
func (s *Store) seed(id domain.UserID, set func(*domain.Account)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	account, ok := s.state.accounts[id]
	if !ok {
		return
	}
	set(&account)
	s.state.accounts[id] = account
	s.state.versions[id]++
}
