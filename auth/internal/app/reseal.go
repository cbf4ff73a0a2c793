package app

import (
	"context"
	"fmt"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
)

// resealPage bounds one look for what an older key has sealed.
const resealPage = 100

// Reseal moves what an older secret has sealed to today's, so that the older
// one can be dropped after a rotation. What none of the secrets opens stays as
// it is, and is counted in the error.
func (a *App) Reseal(ctx context.Context) error {
	for {
		users, err := a.needs.SecondFactors.SealedByOthers(ctx, a.needs.Keys.SealsBy(), resealPage)
		if err != nil {
			return fmt.Errorf("look for what an older key has sealed: %w", err)
		}
		moved := 0
		for _, user := range users {
			if err := a.reseal(ctx, user); err == nil {
				moved++
			}
		}
		switch {
		case len(users) == 0:
			return nil
		case moved == 0:
			return fmt.Errorf("%d or more second factors are sealed by a secret that is not at hand: set JWT_SECRET_PREVIOUS", len(users))
		}
	}
}

func (a *App) reseal(ctx context.Context, user domain.UserID) error {
	return a.needs.Store.Change(ctx, func(tx ports.Tx) error {
		return tx.EditSecondFactor(ctx, user, func(f *domain.SecondFactor) error {
			secret, err := a.needs.Keys.Open(f.Secret, user)
			if err != nil {
				return err
			}
			f.Secret, f.SealedBy, err = a.needs.Keys.Seal(secret, chance(domain.SealNonceBytes), user)
			return err
		})
	})
}
