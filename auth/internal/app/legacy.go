package app

import (
	"context"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
)

// WithLegacy is a store for as long as the monolith's tokens are taken
// (MIGRATION.md). They belong to no session that is kept here, so that ending
// the sessions of somebody who came from there also cuts off whatever was issued
// to them before. A session that goes on gets its next access token by a refresh.
func WithLegacy(store ports.Store) ports.Store { return legacyStore{store} }

type legacyStore struct{ ports.Store }

// Change hands work a transaction that also cuts off.
func (s legacyStore) Change(ctx context.Context, work func(tx ports.Tx) error) error {
	return s.Store.Change(ctx, func(tx ports.Tx) error { return work(legacyTx{tx}) })
}

type legacyTx struct{ ports.Tx }

// EndSessions cuts the user off where more than one session of this backend is meant.
func (tx legacyTx) EndSessions(ctx context.Context, ending domain.Ending) ([]domain.Revocation, error) {
	ended, err := tx.Tx.EndSessions(ctx, ending)
	if err != nil || !ending.User.FromMonolith() || ending.Only != "" && !ending.Only.FromMonolith() {
		return ended, err
	}
	cut, err := tx.RevokeUser(ctx, ending.User)
	if err != nil {
		return nil, err
	}
	return append(ended, cut), nil
}
