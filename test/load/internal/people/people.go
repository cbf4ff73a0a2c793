// Package people makes the users that a load test acts as. Most of them are
// only tokens: signed with the stack's own secret, which every service takes
// without asking anybody. That spares 20,000 password hashes, which would
// measure nothing but argon2. What needs a row in auth's tables (the profile,
// refreshing, signing in) is done by accounts that were registered over HTTP.
package people

import (
	"crypto/rand"
	"fmt"
	"strconv"
	"time"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/token"
)

// Person is somebody with a good access token.
type Person struct {
	ID    string `json:"id"`
	Token string `json:"token"`
	Phone int    `json:"phone"` // which of the phones is theirs: where they call from
}

// Mint signs tokens of people who have never registered.
type Mint struct {
	signer  *token.Signer
	run     string
	expires time.Time
}

// NewMint makes people of one run: the same run and number is the same person,
// another run's people are strangers with empty inboxes.
func NewMint(secret config.Secret, run string, expires time.Time) (*Mint, error) {
	signer, err := token.NewSigner(token.SignerConfig{Secret: secret})
	if err != nil {
		return nil, fmt.Errorf("tokens cannot be minted: %w", err)
	}
	return &Mint{signer: signer, run: run, expires: expires}, nil
}

// NewRun names a run.
func NewRun() string { return rand.Text() }

// Person is number n.
func (m *Mint) Person(n int) (Person, error) { return m.make("person", n, token.RoleUser) }

// Admin is number n of those who may send announcements.
func (m *Mint) Admin(n int) (Person, error) { return m.make("admin", n, token.RoleAdmin) }

// Several are count people of one kind, from number first.
func Several(mint func(n int) (Person, error), first, count int) ([]Person, error) {
	all := make([]Person, 0, count)
	for n := range count {
		p, err := mint(first + n)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

func (m *Mint) make(kind string, n int, role string) (Person, error) {
	name := kind + strconv.Itoa(n)
	id := idgen.V5(m.run, name)
	raw, err := m.signer.Sign(token.Claims{
		Subject: id, SessionID: idgen.V5(m.run, name+"'s session"), ID: idgen.V5(m.run, name+"'s token"), Role: role,
		// A second ago: the servers' clocks are this machine's, and rounding is not to refuse anybody.
		IssuedAt: time.Now().Add(-time.Second), ExpiresAt: m.expires,
	})
	return Person{ID: id, Token: raw, Phone: n}, err
}
