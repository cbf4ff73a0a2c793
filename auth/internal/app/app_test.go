package app_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/loveapp/backend/auth/internal/adapters/memory"
	"github.com/loveapp/backend/auth/internal/app"
	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/idgen"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const password = "correct horse battery"

// parts are an app on memory, of which a test replaces what it is about.
func parts(t *testing.T) app.Config {
	t.Helper()
	keys, err := domain.NewKeys("a secret of the tests")
	if err != nil {
		t.Fatal(err)
	}
	store, remembered := memory.NewStore(time.Now), memory.NewRemembered(time.Now)
	return app.Config{
		Store: store, Accounts: store, Directory: store, Sessions: store, Revocations: store, Records: store, SecondFactors: store,
		Identities: store, Seals: store, Providers: strangers{}, Guesses: memory.NewGuesses(time.Now),
		Bulletin: memory.NewBulletin(), Passwords: memory.Passwords{}, Profiles: store, Briefs: remembered, Issues: remembered,
		Post: store, Erasures: store, Holdings: store, Eraser: &memory.Eraser{}, PublicURL: "http://localhost:3000",
		Keys: keys, TokenLife: 15 * time.Minute, Now: time.Now, NewID: idgen.NewV7,
		Logger: slog.New(slog.DiscardHandler), Count: func(string) {},
	}
}

// strangers vouch for nobody.
type strangers struct{}

func (strangers) Identify(context.Context, domain.ProviderToken) (domain.Identity, error) {
	return domain.Identity{}, domain.ErrProviderUnknown
}

func newApp(t *testing.T, c app.Config) *app.App {
	t.Helper()
	a, err := app.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func register(t *testing.T, a *app.App) app.SignedIn {
	t.Helper()
	s, err := a.Register(t.Context(), domain.Registration{Email: "ana@example.org", Password: password}, app.Client{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func caller(s app.SignedIn) app.Caller { return app.Caller{User: s.User.ID, Session: s.Session} }

func TestAnAppWithAHoleIsRefused(t *testing.T) {
	t.Parallel()
	for name, dig := range map[string]func(*app.Config){
		"no store": func(c *app.Config) { c.Store = nil }, "no clock": func(c *app.Config) { c.Now = nil },
		"no life of tokens": func(c *app.Config) { c.TokenLife = 0 }, "no hashing": func(c *app.Config) { c.Passwords = nil },
	} {
		c := parts(t)
		dig(&c)
		if _, err := app.New(c); err == nil {
			t.Errorf("%s: it was made", name)
		}
	}
}

// silent is Redis that is away: nothing is heard, and nothing can be said.
type silent struct{}

func (silent) Post(ctx context.Context, _ []domain.Revocation, _ time.Duration) error {
	<-ctx.Done()
	return ctx.Err()
}

func (silent) Follow(ctx context.Context, _ func()) error {
	<-ctx.Done()
	return nil
}

func TestSigningOutNeverWaitsForTheNewsToGoOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := parts(t)
		c.Bulletin = silent{}
		a := newApp(t, c)
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() {
			if err := a.Run(ctx); err != nil {
				t.Error(err)
			}
		})
		register(t, a)
		start := time.Now()
		for range 300 { // more than may wait to be announced
			s, err := a.Login(t.Context(), domain.SignIn{Email: "ana@example.org", Password: password}, app.Client{})
			if err != nil {
				t.Fatal(err)
			}
			if err := a.Logout(t.Context(), caller(s), app.Current); err != nil {
				t.Fatal(err)
			}
			if !a.Revoked().Covers(s.Session, s.User.ID, time.Now()) {
				t.Fatal("it counts on")
			}
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("it took %s", took)
		}
		stop()
		running.Wait()
	})
}

func TestWhatAnotherCopyEndsCountsHereASecondLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := parts(t)
		c.Bulletin = silent{}
		here, elsewhere := newApp(t, c), newApp(t, c)
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { _ = here.Run(ctx) })
		s := register(t, elsewhere)
		if err := elsewhere.Logout(t.Context(), caller(s), app.All); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second) // of synctest's clock
		synctest.Wait()
		if !here.Revoked().Covers(s.Session, s.User.ID, time.Now()) {
			t.Error("it still counts")
		}
		stop()
		running.Wait()
	})
}

func TestRevocationsAreForgottenWhenNoTokenCanMeetThem(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, parts(t))
		s := register(t, a)
		if err := a.Logout(t.Context(), caller(s), app.Current); err != nil {
			t.Fatal(err)
		}
		known := func() bool {
			if err := a.PullRevocations(t.Context()); err != nil {
				t.Fatal(err)
			}
			return a.Revoked().Covers(s.Session, s.User.ID, time.Now())
		}
		time.Sleep(15 * time.Minute) // of synctest's clock: the life of a token
		if !known() {
			t.Error("forgotten while a token may live")
		}
		time.Sleep(5 * time.Minute)
		if known() {
			t.Error("kept for ever")
		}
	})
}

// feed answers as a database that can be replaced.
type feed struct{ items []domain.Revocation }

func (f *feed) After(_ context.Context, after int64, _ time.Duration, limit int) (domain.RevocationPage, error) {
	page := domain.RevocationPage{Revision: int64(len(f.items))}
	for _, item := range f.items {
		if item.Revision > after && len(page.Items) < limit {
			page.Items = append(page.Items, item)
		}
	}
	return page, nil
}

func TestARestoredDatabaseIsReadFromItsBeginning(t *testing.T) {
	t.Parallel()
	now := time.Now()
	f := &feed{items: []domain.Revocation{{Revision: 1, Session: "a", At: now}, {Revision: 2, Session: "b", At: now}, {Revision: 3, Session: "c", At: now}}}
	c := parts(t)
	c.Revocations = f
	a := newApp(t, c)
	pull := func() {
		t.Helper()
		if err := a.PullRevocations(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	pull()
	f.items = []domain.Revocation{{Revision: 1, Session: "a", At: now}, {Revision: 2, Session: "x", At: now}}
	pull()
	for _, id := range []domain.SessionID{"a", "b", "c", "x"} { // what was known is not unlearned
		if !a.Revoked().Covers(id, "", now) {
			t.Errorf("%s counts", id)
		}
	}
	f.items = nil
	pull()
	f.items = []domain.Revocation{{Revision: 1, Session: "y", At: now}}
	pull()
	if !a.Revoked().Covers("y", "", now) {
		t.Error("y counts")
	}
}

func TestACutOffEndsOlderTokensOfItsUserOnly(t *testing.T) {
	t.Parallel()
	now := time.Now()
	c := parts(t)
	c.Revocations = &feed{items: []domain.Revocation{{Revision: 1, User: "ana", Before: now, At: now}, {Revision: 2, User: "ana", Before: now.Add(-time.Hour), At: now}}}
	a := newApp(t, c)
	if err := a.PullRevocations(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		user   domain.UserID
		issued time.Time
		want   bool
	}{
		"just before":     {"ana", now.Add(-time.Millisecond), true},
		"at that moment":  {"ana", now, false},
		"somebody else's": {"bea", now.Add(-time.Hour), false},
	} {
		if got := a.Revoked().Covers("s", c.user, c.issued); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestCopiesThatStartTogetherMakeOneAdministrator(t *testing.T) {
	t.Parallel()
	c := parts(t)
	var group sync.WaitGroup
	for range 8 {
		a := newApp(t, c)
		group.Go(func() {
			if err := a.EnsureAdmin(t.Context(), domain.Registration{Email: "root@example.org", Password: password}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	account, err := c.Accounts.ByEmail(t.Context(), "root@example.org")
	if err != nil || account.Role != domain.RoleSuperAdmin {
		t.Fatalf("%+v %v", account, err)
	}
}

// changed is a store in which the password is changed while it is being checked.
type changed struct {
	ports.Passwords
	meanwhile func()
}

func (c changed) Check(ctx context.Context, p domain.Password, hash string) (matches, stale bool, err error) {
	defer c.meanwhile()
	return c.Passwords.Check(ctx, p, hash)
}

func TestASignInWithAPasswordThatIsChangedInThatMomentFails(t *testing.T) {
	t.Parallel()
	c := parts(t)
	store, ok := c.Store.(*memory.Store)
	if !ok {
		t.Fatal("another store")
	}
	s := register(t, newApp(t, c))
	c.Passwords = changed{c.Passwords, func() { store.SetCredentialVersion(s.User.ID, 2) }}
	_, err := newApp(t, c).Login(t.Context(), domain.SignIn{Email: "ana@example.org", Password: password}, app.Client{})
	if !errors.Is(err, domain.ErrInvalidCredentials) {
		t.Fatal(err)
	}
}

// counted notes what each sign-in costs.
type counted struct {
	ports.Passwords
	ports.Accounts
	lookups, checks int
}

func (c *counted) ByEmail(ctx context.Context, email domain.Email) (domain.Account, error) {
	c.lookups++
	return c.Accounts.ByEmail(ctx, email)
}

func (c *counted) Check(ctx context.Context, p domain.Password, hash string) (matches, stale bool, err error) {
	c.checks++
	return c.Passwords.Check(ctx, p, hash)
}

// full has no place left.
type full struct{ ports.Passwords }

func (full) Reserve(ctx context.Context) (reserved context.Context, leave func(), err error) {
	return ctx, func() {}, fault.New(fault.Unavailable, "unavailable", "full")
}

// TestASignInThatMustComeBackCostsNothing: neither a look at the database nor a guess.
func TestASignInThatMustComeBackCostsNothing(t *testing.T) {
	t.Parallel()
	c := parts(t)
	cost := &counted{Passwords: full{c.Passwords}, Accounts: c.Accounts}
	c.Passwords, c.Accounts, c.Guesses = cost, cost, nobodyGuesses{}
	_, err := newApp(t, c).Login(t.Context(), domain.SignIn{Email: "ana@example.org", Password: password}, app.Client{})
	if fault.From(err).Kind != fault.Unavailable || cost.lookups+cost.checks != 0 {
		t.Fatalf("%v after %d lookups and %d checks", err, cost.lookups, cost.checks)
	}
}

// nobodyGuesses panics when it is asked.
type nobodyGuesses struct{ ports.Guesses }

// TestARefusedSignInCostsTheSameWhoeverItWas: time tells nobody who has an account.
func TestARefusedSignInCostsTheSameWhoeverItWas(t *testing.T) {
	t.Parallel()
	c := parts(t)
	store, ok := c.Store.(*memory.Store)
	if !ok {
		t.Fatal("another store")
	}
	a := newApp(t, c)
	register(t, a)
	banned, err := a.Register(t.Context(), domain.Registration{Email: "bea@example.org", Password: password}, app.Client{})
	if err != nil {
		t.Fatal(err)
	}
	store.SetActive(banned.User.ID, false)
	for name, s := range map[string]domain.SignIn{
		"unknown": {Email: "nobody@example.org", Password: password}, "wrong": {Email: "ana@example.org", Password: "x"}, "banned": {Email: "bea@example.org", Password: password},
	} {
		costs := &counted{Passwords: c.Passwords, Accounts: c.Accounts}
		with := c
		with.Passwords, with.Accounts = costs, costs
		if _, err := newApp(t, with).Login(t.Context(), s, app.Client{}); !errors.Is(err, domain.ErrInvalidCredentials) {
			t.Errorf("%s: %v", name, err)
		}
		if costs.lookups != 1 || costs.checks != 1 {
			t.Errorf("%s: %d lookups and %d hashes", name, costs.lookups, costs.checks)
		}
	}
}
