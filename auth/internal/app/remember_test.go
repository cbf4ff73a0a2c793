package app_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loveapp/backend/auth/internal/adapters/memory"
	"github.com/loveapp/backend/auth/internal/app"
	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
	"github.com/loveapp/backend/shared/eventually"
)

// asked counts looks at the database, each held up until it may go on.
type asked struct {
	ports.Profiles

	looks atomic.Int32
	goOn  chan struct{}
}

func (p *asked) Profile(ctx context.Context, id domain.UserID) (domain.User, int64, error) {
	p.looks.Add(1)
	if p.goOn != nil {
		<-p.goOn
	}
	return p.Profiles.Profile(ctx, id)
}

func TestOfManyWhoMissTheCacheOneAsksTheDatabase(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := parts(t)
		database := &asked{Profiles: c.Profiles, goOn: make(chan struct{})}
		c.Profiles = database
		a := newApp(t, c)
		ana := register(t, a)
		list := func() {
			if _, _, err := a.LiveSessions(t.Context(), caller(ana), "", 10); err != nil {
				t.Error(err)
			}
		}
		for range 50 {
			go list()
		}
		synctest.Wait()
		close(database.goOn)
		synctest.Wait()
		list()
		if n := database.looks.Load(); n != 1 {
			t.Errorf("%d looks at the database", n)
		}
	})
}

func TestAChangeReplacesWhatIsRemembered(t *testing.T) {
	t.Parallel()
	c := parts(t)
	a := newApp(t, c)
	ana := register(t, a)
	remembered := func() domain.Brief {
		t.Helper()
		brief, _, err := c.Briefs.Brief(t.Context(), ana.User.ID)
		if err != nil {
			t.Fatal(err)
		}
		return brief
	}
	last := remembered().Version
	name := "Bea"
	for what, do := range map[string]func() error{
		"a name": func() error {
			_, err := a.EditProfile(t.Context(), caller(ana), domain.ProfileEdit{FirstName: domain.Change{Given: true, Value: &name}})
			return err
		},
		"a password": func() error {
			return a.ChangePassword(t.Context(), caller(ana), domain.PasswordChange{Current: password, New: "another horse battery"})
		},
		"a second factor": func() error {
			_, err := a.OfferTOTP(t.Context(), caller(ana))
			return errors.Join(err, a.RemoveTOTP(t.Context(), caller(ana)), renew(t, a, ana, &name))
		},
	} {
		if err := do(); err != nil {
			t.Fatal(what, err)
		}
		if v := remembered().Version; v <= last {
			t.Errorf("%s: version %d after %d", what, v, last)
		}
		last = remembered().Version
	}
	if _, err := a.Leave(t.Context(), caller(ana)); err != nil {
		t.Fatal(err)
	}
	if v := remembered().Version; v <= last {
		t.Errorf("leaving: version %d after %d", v, last)
	}
}

func renew(t *testing.T, a *app.App, ana app.SignedIn, name *string) error {
	t.Helper()
	*name += "!"
	_, err := a.EditProfile(t.Context(), caller(ana), domain.ProfileEdit{LastName: domain.Change{Given: true, Value: name}})
	return err
}

// liar remembers everybody as a banned administrator of the future.
type liar struct{ *memory.Remembered }

func (liar) Brief(context.Context, domain.UserID) (domain.Brief, bool, error) {
	return domain.Brief{Role: domain.RoleSuperAdmin, Version: 1 << 40}, true, nil
}

func TestACacheThatLiesDecidesNothing(t *testing.T) {
	t.Parallel()
	c := parts(t)
	c.Briefs = liar{memory.NewRemembered(time.Now)}
	a := newApp(t, c)
	ana := register(t, a)
	again, err := a.Login(t.Context(), domain.SignIn{Email: "ana@example.org", Password: password}, app.Client{})
	if err != nil || again.User.Role != domain.RoleUser {
		t.Fatalf("%+v %v", again.User, err)
	}
	fresh, err := a.Refresh(t.Context(), ana.RefreshToken, app.Client{DeviceToken: ana.DeviceToken})
	if err != nil || fresh.User.Role != domain.RoleUser {
		t.Fatalf("%+v %v", fresh.User, err)
	}
	role := domain.RoleAdmin
	if _, err := a.Supervise(t.Context(), caller(ana), ana.User.ID, domain.UserEdit{Role: &role}); !errors.Is(err, domain.ErrForbidden) {
		t.Error(err)
	}
	if user, err := a.ShowProfile(t.Context(), caller(ana)); err != nil || user.Role != domain.RoleUser {
		t.Errorf("%+v %v", user, err)
	}
	if err := a.Reauthenticate(t.Context(), caller(ana), password); err != nil {
		t.Error(err)
	}
}

var errAway = errors.New("redis is away")

// away is a cache that fails.
type away struct{}

func (away) Brief(context.Context, domain.UserID) (domain.Brief, bool, error) {
	return domain.Brief{}, false, errAway
}
func (away) KeepBrief(context.Context, domain.UserID, domain.Brief) error         { return errAway }
func (away) DropBrief(context.Context, domain.UserID) error                       { return errAway }
func (away) Issued(context.Context, domain.UserID) ([]domain.Issue, error)        { return nil, errAway }
func (away) KeepIssued(context.Context, []domain.Issue, time.Duration) error      { return errAway }
func (away) DropIssued(context.Context, domain.UserID, ...domain.SessionID) error { return errAway }

func TestWithoutItsCachesNothingIsRefused(t *testing.T) {
	t.Parallel()
	c := parts(t)
	c.Briefs, c.Issues = away{}, away{}
	a := newApp(t, c)
	ana := register(t, a)
	_, _, listed := a.LiveSessions(t.Context(), caller(ana), "", 10)
	_, shown := a.ShowProfile(t.Context(), caller(ana))
	name := "Bea"
	edited := renew(t, a, ana, &name)
	_, exported := a.Export(t.Context(), caller(ana))
	if err := errors.Join(listed, shown, edited, exported, a.Logout(t.Context(), caller(ana), app.All)); err != nil {
		t.Error(err)
	}
}

func TestATokenIsRememberedUntilItsSessionEnds(t *testing.T) {
	t.Parallel()
	c := parts(t)
	a := newApp(t, c)
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := a.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(running.Wait)
	t.Cleanup(stop)
	ana := register(t, a)
	a.Issued(domain.Issue{User: ana.User.ID, Session: ana.Session, TokenID: "t-1", ExpiresAt: time.Now().Add(time.Minute)})
	remembers := func(n int) func() bool {
		return func() bool {
			issues, err := c.Issues.Issued(t.Context(), ana.User.ID)
			return err == nil && len(issues) == n
		}
	}
	eventually.True(t, "remembered", remembers(1))
	if err := a.Logout(t.Context(), caller(ana), app.Current); err != nil {
		t.Fatal(err)
	}
	eventually.True(t, "forgotten", remembers(0))
}
