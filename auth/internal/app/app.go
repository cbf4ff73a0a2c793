// Package app holds the use cases of auth, one a file: what happens when
// somebody registers, signs in, refreshes, looks at or ends their sessions.
package app

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
)

// Config is what the use cases need; all of it.
type Config struct {
	Store       ports.Store
	Accounts    ports.Accounts
	Directory   ports.Directory
	Sessions    ports.Sessions
	Revocations ports.Revocations
	Records     ports.Records
	// SecondFactors are moved to today's key after a rotation.
	SecondFactors ports.SecondFactors
	Identities    ports.Identities
	Providers     ports.Providers
	Guesses       ports.Guesses
	Seals         ports.Seals
	Bulletin      ports.Bulletin
	// Profiles, Briefs and Issues are for what only shows something.
	Profiles  ports.Profiles
	Briefs    ports.Briefs
	Issues    ports.Issues
	Passwords ports.Passwords
	Post      ports.Post
	Erasures  ports.Erasures
	Eraser    ports.Eraser
	Holdings  ports.Holdings
	// Carriers send letters; those of a channel that has none wait.
	Carriers map[domain.Channel]ports.Carrier
	// AdminsNeedMFA: whoever manages others must have a second factor.
	AdminsNeedMFA bool
	// PublicURL is where links in letters lead.
	PublicURL string

	Keys domain.Keys
	// TokenLife is how long an access token lives.
	TokenLife time.Duration
	Now       func() time.Time
	NewID     func() string
	Logger    *slog.Logger
	// Count notes that something worth a graph has happened.
	Count func(what string)
	// Follow, where set, follows a piece of work in the trace that has been kept of
	// what it goes back to, and Begin in a new one. What they return is told how it ended.
	Follow func(ctx context.Context, kept, what string) (context.Context, func(error))
	Begin  func(ctx context.Context, what string) (context.Context, func(error))
}

// App is the use cases. It is safe for concurrent use.
type App struct {
	needs   Config
	revoked *Revoked
	news    chan []domain.Revocation
	posted  chan struct{} // something waits to be sent
	issued  chan noted
	flight  singleflight.Group
}

// newsBuffer bounds what waits to be announced while Redis is slow; the rest is
// dropped, which costs readers the wait for their next look at the feed.
const newsBuffer = 256

// New refuses a hole in the config.
func New(c Config) (*App, error) {
	if c.Identities == nil || c.Providers == nil || c.Guesses == nil || c.Seals == nil {
		return nil, errors.New("app: a port has no adapter")
	}
	if c.Store == nil || c.Accounts == nil || c.Directory == nil || c.Sessions == nil || c.Revocations == nil || c.Records == nil || c.SecondFactors == nil || c.Bulletin == nil || c.Passwords == nil {
		return nil, errors.New("app: a port has no adapter")
	}
	if c.Profiles == nil || c.Briefs == nil || c.Issues == nil {
		return nil, errors.New("app: Profiles, Briefs and Issues are required")
	}
	if c.Post == nil || c.Erasures == nil || c.Eraser == nil || c.Holdings == nil || c.PublicURL == "" {
		return nil, errors.New("app: Post, Erasures, Eraser, Holdings and PublicURL are required")
	}
	if c.TokenLife <= 0 || c.Now == nil || c.NewID == nil || c.Logger == nil || c.Count == nil {
		return nil, errors.New("app: TokenLife, Now, NewID, Logger and Count are required")
	}
	return &App{
		needs: c, revoked: newRevoked(c.TokenLife), news: make(chan []domain.Revocation, newsBuffer), posted: make(chan struct{}, 1),
		issued: make(chan noted, issuedBuffer),
	}, nil
}

// Client is what a request tells about the device that sent it.
type Client struct {
	Origin      domain.Origin
	DeviceToken string // "" where it has none
}

// Caller is whom an access token speaks for.
type Caller struct {
	User    domain.UserID
	Session domain.SessionID
	Origin  domain.Origin
}

// SignedIn is what a sign-in or refresh gives.
type SignedIn struct {
	User domain.User
	// Role is what the token says; User's, unless that takes a second factor.
	Role         domain.Role
	Session      domain.SessionID
	RefreshToken string
	DeviceToken  string
	// MFAToken alone is there where the second factor is still missing: nobody is signed in yet.
	MFAToken string
	// At is before User was read: a token that says their role dates from then,
	// so that a change of role since cuts it off.
	At time.Time
}

// now is in whole milliseconds, as every time on the wire.
func (a *App) now() time.Time { return a.needs.Now().UTC().Truncate(time.Millisecond) }

func (a *App) signedIn(user domain.User, s domain.Session, generation int64, at time.Time) SignedIn {
	return SignedIn{
		User: user, Role: user.Role, Session: s.ID, At: at,
		RefreshToken: a.needs.Keys.RefreshToken(s, generation),
		DeviceToken:  a.needs.Keys.DeviceToken(s.Device, user.ID),
	}
}

// open makes a session; a device that this user has been signed in on before stays the same device.
func (a *App) open(user domain.UserID, deviceName string, from Client, now time.Time) domain.Session {
	device, known := a.needs.Keys.Device(from.DeviceToken, user)
	if !known {
		device = domain.DeviceID(a.needs.NewID())
	}
	return domain.Opening{
		ID: domain.SessionID(a.needs.NewID()), UserID: user, Device: device,
		DeviceName: deviceName, Origin: from.Origin, Salt: newSalt(),
	}.Open(now)
}

// saltBytes as RFC 9106 section 3.1 has it for keyed derivations.
const saltBytes = 16

func newSalt() []byte {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails (Go 1.24)
	return salt
}

// event is a line for the record, dated now.
func (a *App) event(kind domain.AuditKind, user domain.UserID, session domain.SessionID, from domain.Origin, data map[string]any) domain.AuditEvent {
	return domain.AuditEvent{ID: a.needs.NewID(), At: a.now(), Kind: kind, User: user, Session: session, Origin: from, Data: data}
}
