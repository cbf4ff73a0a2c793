package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
)

// socialTries: whoever loses a race for an address or an identity finds the winner's account.
const socialTries = 3

// SignInWith opens a session for whom a provider vouches, and an account where
// there is none. It fails with domain.ErrProviderUnknown, domain.ErrIDToken,
// domain.ErrLinkRequired, or 422 naming the wrong fields; a banned account with
// domain.ErrInvalidCredentials.
func (a *App) SignInWith(ctx context.Context, s domain.SocialSignIn, from Client) (_ SignedIn, created bool, _ error) {
	visitor, err := s.Check()
	if err != nil {
		return SignedIn{}, false, err
	}
	identity, err := a.needs.Providers.Identify(ctx, visitor.ProviderToken)
	if err != nil {
		return SignedIn{}, false, fmt.Errorf("verify the ID token: %w", err)
	}
	for range socialTries {
		signedIn, created, err := a.visit(ctx, visitor, identity, from)
		if !errors.Is(err, domain.ErrEmailTaken) && !errors.Is(err, domain.ErrIdentityTaken) {
			return signedIn, created, err
		}
	}
	return SignedIn{}, false, errContended
}

func (a *App) visit(ctx context.Context, visitor domain.Visitor, identity domain.Identity, from Client) (_ SignedIn, created bool, _ error) {
	at := a.now()
	account, err := a.needs.Identities.ByIdentity(ctx, identity.Provider, identity.Subject)
	if err == nil {
		signedIn, err := a.enter(ctx, account, visitor, nil, from, at)
		return signedIn, false, err
	}
	if !errors.Is(err, domain.ErrUserNotFound) {
		return SignedIn{}, false, fmt.Errorf("look for the identity: %w", err)
	}
	applicant, err := visitor.Applicant(identity)
	if err != nil {
		return SignedIn{}, false, err
	}
	account, err = a.needs.Accounts.ByEmail(ctx, applicant.Email())
	switch {
	case errors.Is(err, domain.ErrUserNotFound):
		signedIn, err := a.joinWith(ctx, applicant, identity, from)
		return signedIn, err == nil, err
	case err != nil:
		return SignedIn{}, false, fmt.Errorf("look for the address: %w", err)
	case !identity.MayLink(account.User):
		return SignedIn{}, false, domain.ErrLinkRequired
	}
	signedIn, err := a.enter(ctx, account, visitor, &identity, from, at)
	return signedIn, false, err
}

// enter admits the account's owner, by way of an identity that is linked first
// where it is given. The second factor is asked for as after a password.
func (a *App) enter(ctx context.Context, account domain.Account, visitor domain.Visitor, link *domain.Identity, from Client, at time.Time) (SignedIn, error) {
	if !account.Active {
		a.needs.Count("sign_in_refused")
		return SignedIn{}, domain.ErrInvalidCredentials
	}
	if link != nil {
		if err := a.link(ctx, account.ID, *link, from); err != nil {
			return SignedIn{}, err
		}
	}
	if account.MFA {
		return a.challenge(account, visitor.DeviceName), nil
	}
	return a.admit(ctx, account, visitor.DeviceName, from, at)
}

func (a *App) link(ctx context.Context, user domain.UserID, identity domain.Identity, from Client) error {
	err := a.needs.Store.Change(ctx, func(tx ports.Tx) error {
		if err := tx.LinkIdentity(ctx, identity.Provider, identity.Subject, user); err != nil {
			return err
		}
		return tx.Record(ctx, a.event(domain.AuditLinked, user, "", from.Origin, map[string]any{"provider": identity.Provider}))
	})
	if err != nil {
		return fmt.Errorf("link an identity: %w", err)
	}
	return nil
}

// joinWith opens an account that has no password.
func (a *App) joinWith(ctx context.Context, applicant domain.Applicant, identity domain.Identity, from Client) (SignedIn, error) {
	now := a.now()
	account := applicant.Join(domain.UserID(a.needs.NewID()), domain.RoleUser, "", now)
	session := a.open(account.ID, applicant.DeviceName, from, now)
	err := a.needs.Store.Change(ctx, func(tx ports.Tx) error {
		if err := tx.AddUser(ctx, account); err != nil {
			return err
		}
		if err := tx.LinkIdentity(ctx, identity.Provider, identity.Subject, account.ID); err != nil {
			return err
		}
		if err := tx.OpenSession(ctx, session, account.CredentialVersion); err != nil {
			return err
		}
		if !account.EmailVerified {
			if err := a.sendToken(ctx, tx, verification(account), account.User, domain.LetterVerify); err != nil {
				return err
			}
		}
		return tx.Record(ctx, a.event(domain.AuditRegistered, account.ID, session.ID, from.Origin, map[string]any{"provider": identity.Provider}))
	})
	if err != nil {
		return SignedIn{}, fmt.Errorf("register: %w", err)
	}
	a.needs.Count("registered")
	a.wake()
	return a.signedIn(account.User, session, session.Generation, now), nil
}

// ReauthenticateWith takes a fresh ID token of an identity of the caller for the
// password, which people who came by a provider have none of. It fails like
// SignInWith, and with domain.ErrIDToken for an older token or somebody else's.
func (a *App) ReauthenticateWith(ctx context.Context, caller Caller, token domain.ProviderToken) error {
	if err := token.Check(); err != nil {
		return err
	}
	if _, err := a.Profile(ctx, caller); err != nil {
		return err
	}
	identity, err := a.needs.Providers.Identify(ctx, token)
	if err != nil {
		return fmt.Errorf("verify the ID token: %w", err)
	}
	account, err := a.needs.Identities.ByIdentity(ctx, identity.Provider, identity.Subject)
	if err != nil && !errors.Is(err, domain.ErrUserNotFound) {
		return fmt.Errorf("look for the identity: %w", err)
	}
	if err != nil || account.ID != caller.User || !identity.Fresh(a.now()) {
		a.needs.Count("reauthentication_refused")
		return domain.ErrIDToken
	}
	a.needs.Count("reauthenticated")
	return nil
}
