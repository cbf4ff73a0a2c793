package app

import (
	"context"
	"errors"
	"log/slog"
	"reflect"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// EscalationPolicy is the one in force.
func (a *App) EscalationPolicy(ctx context.Context) (ports.StoredPolicy, error) {
	return a.Policies.Policy(ctx)
}

// errUnchanged ends a change that would store what is in force already.
var errUnchanged = errors.New("the policy is the one in force")

// SetEscalationPolicy puts another in force for the alarms to come; open tickets
// keep theirs. expected is the version that it was made from, nil where the
// caller does not care; it fails with ErrVersionConflict where another came between.
func (a *App) SetEscalationPolicy(ctx context.Context, by domain.UserID, expected *int, p domain.Policy) (ports.StoredPolicy, error) {
	if err := p.Check(); err != nil {
		return ports.StoredPolicy{}, err
	}
	stored, err := a.Policies.ReplacePolicy(ctx, by, func(current domain.Policy) (domain.Policy, error) {
		p.Version = current.Version
		switch {
		case reflect.DeepEqual(p, current): // the answer was lost, and this is the same again
			return current, errUnchanged
		case expected != nil && *expected != current.Version:
			return current, domain.ErrVersionConflict.WithExtra("version", current.Version)
		}
		return p, nil
	})
	if errors.Is(err, errUnchanged) {
		return a.Policies.Policy(ctx)
	}
	if err != nil {
		return ports.StoredPolicy{}, err
	}
	a.Logger.LogAttrs(ctx, slog.LevelInfo, "escalation policy changed", slog.Int("version", stored.Policy.Version), slog.String("by", string(by)))
	return stored, nil
}
