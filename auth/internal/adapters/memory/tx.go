package memory

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
)

type tx struct {
	state *state
	now   func() time.Time
}

func (t *tx) AddUser(_ context.Context, account domain.Account) error {
	for _, other := range t.state.accounts {
		if other.Email == account.Email {
			return domain.ErrEmailTaken
		}
	}
	t.state.accounts[account.ID] = account
	return nil
}

func (t *tx) EditUser(_ context.Context, id domain.UserID, edit func(*domain.User) error) (domain.User, error) {
	account, ok := t.state.accounts[id]
	if !ok {
		return domain.User{}, domain.ErrUserNotFound
	}
	if err := edit(&account.User); err != nil {
		return domain.User{}, err
	}
	t.state.accounts[id] = account
	return account.User, nil
}

func (t *tx) Rehash(_ context.Context, id domain.UserID, credentialVersion int64, hash string) error {
	if account, ok := t.state.accounts[id]; ok && account.CredentialVersion == credentialVersion {
		account.PasswordHash = hash
		t.state.accounts[id] = account
	}
	return nil
}

func (t *tx) OpenSession(_ context.Context, session domain.Session, credentialVersion int64) error {
	account, ok := t.state.accounts[session.UserID]
	if !ok || !account.Active || account.CredentialVersion != credentialVersion {
		return domain.ErrInvalidCredentials
	}
	t.state.sessions[session.ID] = session
	return nil
}

func (t *tx) EndSessions(_ context.Context, ending domain.Ending) ([]domain.Revocation, error) {
	var made []domain.Revocation
	for _, id := range slices.Sorted(maps.Keys(t.state.sessions)) {
		session := t.state.sessions[id]
		if session.UserID != ending.User || !session.EndedAt.IsZero() || id == ending.Except || ending.Only != "" && id != ending.Only {
			continue
		}
		session.EndedAt = ending.At
		t.state.sessions[id] = session
		made = append(made, t.revoke(session))
	}
	return made, nil
}

func (t *tx) revoke(session domain.Session) domain.Revocation {
	revocation := domain.Revocation{Revision: int64(len(t.state.revocations)) + 1, Session: session.ID, User: session.UserID, At: t.now()}
	t.state.revocations = append(t.state.revocations, revocation)
	return revocation
}
