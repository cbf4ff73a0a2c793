// Package portstest is what every adapter of auth's ports must pass: the fakes
// are only worth something if they behave like PostgreSQL and Redis.
package portstest

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
	"github.com/loveapp/backend/shared/idgen"
)

// Store is what one database serves.
type Store interface {
	ports.Store
	ports.Accounts
	ports.Directory
	ports.Sessions
	ports.Revocations
	ports.Post
	ports.Erasures
	ports.Holdings
	ports.Records
	ports.SecondFactors
	ports.Identities
	ports.Profiles
	ports.Seals
}

// Subject is a new, empty store and the eyes that its ports do not have.
type Subject struct {
	Store Store
	// Events gives the kinds of what has been recorded, in order.
	Events func(t *testing.T) []domain.AuditKind
	// SetActive bans a user or takes the ban back, as an administrator will.
	SetActive func(t *testing.T, id domain.UserID, active bool)
	// SetCredentialVersion stands for a new password.
	SetCredentialVersion func(t *testing.T, id domain.UserID, version int64)
}

// now is a whole millisecond, as the app's times are.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

func newID() string { return idgen.NewV7() }

// account is one that nobody has yet.
func account() domain.Account {
	id, at := newID(), now()
	return domain.Account{
		User: domain.User{
			ID: domain.UserID(id), Email: domain.Email(id + "@example.org"), Phone: "+4915112345678", Role: domain.RoleUser, Active: true,
			FirstName: "Ana", LastName: "Öztürk", Locale: "de", Timezone: "Europe/Berlin", CreatedAt: at, UpdatedAt: at,
		},
		PasswordHash: "$hash$" + rand.Text(), CredentialVersion: 1,
	}
}

func session(user domain.UserID) domain.Session {
	return domain.Opening{
		ID: domain.SessionID(newID()), UserID: user, Device: domain.DeviceID(newID()), DeviceName: "Ana's phone",
		Origin: domain.Origin{IP: "192.0.2.7", UserAgent: "LoveApp/1.0"}, Salt: []byte(rand.Text()),
	}.Open(now())
}

func change(t *testing.T, s ports.Store, work func(tx ports.Tx) error) {
	t.Helper()
	if err := s.Change(t.Context(), work); err != nil {
		t.Fatal(err)
	}
}

// joined adds an account.
func joined(t *testing.T, s Store) domain.Account {
	t.Helper()
	a := account()
	change(t, s, func(tx ports.Tx) error { return tx.AddUser(t.Context(), a) })
	return a
}

// opened opens a session of the user.
func opened(t *testing.T, s Store, user domain.UserID) domain.Session {
	t.Helper()
	fresh := session(user)
	change(t, s, func(tx ports.Tx) error { return tx.OpenSession(t.Context(), fresh, 1) })
	return fresh
}

// ended ends sessions and gives what was revoked.
func ended(t *testing.T, s Store, e domain.Ending) []domain.Revocation {
	t.Helper()
	e.Reason, e.At = domain.EndedByUser, now()
	var revoked []domain.Revocation
	change(t, s, func(tx ports.Tx) (err error) {
		revoked, err = tx.EndSessions(t.Context(), e)
		return err
	})
	return revoked
}
