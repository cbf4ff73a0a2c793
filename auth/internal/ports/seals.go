package ports

import (
	"context"

	"github.com/loveapp/backend/auth/internal/domain"
)

// Seals chains the record.
type Seals interface {
	// SealNext seals every event whose transaction has ended and that has no seal
	// yet; sealed is false where there is none, or another copy is at it.
	SealNext(ctx context.Context) (seal domain.Seal, sealed bool, err error)
	// Recompute gives the seal after last as it is kept, and as its events make it
	// now; more is false where last was the newest.
	Recompute(ctx context.Context, last domain.Seal) (found domain.Recomputed, more bool, err error)
}
