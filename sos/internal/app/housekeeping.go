package app

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"log/slog"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

const (
	// sealEvery is how long a line of a timeline is without a seal, about.
	sealEvery = time.Minute
	// forgetEvery is how often it is looked for what need not be known any more.
	forgetEvery = time.Hour
	// houseBatch is how many tickets are in hand at once: locks on old tickets are short.
	houseBatch = 100
	houseLimit = 30 * time.Second

	placeKept = 30 * 24 * time.Hour
	phoneKept = 90 * 24 * time.Hour

	phoneDigestInfo = "loveapp sos forgotten phone v1"
)

// HousekeepingConfig is what Housekeeping needs; all of it.
type HousekeepingConfig struct {
	Seals    ports.Seals
	Memories ports.Memories
	Secret   string // numbers that are forgotten are told apart by a digest under it
	Logger   *slog.Logger
}

// Housekeeping seals timelines and forgets what need not be known any more.
// Every instance runs it; the database lets one at a time work.
type Housekeeping struct {
	HousekeepingConfig
	key                 []byte
	sealing, forgetting *mood
}

// NewHousekeeping refuses a hole.
func NewHousekeeping(c HousekeepingConfig) (*Housekeeping, error) {
	if c.Seals == nil || c.Memories == nil || c.Logger == nil {
		return nil, errors.New("sos: housekeeping lacks something it needs")
	}
	key, err := hkdf.Key(sha256.New, []byte(c.Secret), nil, phoneDigestInfo, sha256.Size)
	if err != nil {
		return nil, err
	}
	return &Housekeeping{c, key, newMood(c.Logger, "sealing timelines"), newMood(c.Logger, "forgetting")}, nil
}

// Run works until ctx ends.
func (h *Housekeeping) Run(ctx context.Context) error {
	seal, forget := time.NewTicker(sealEvery), time.NewTicker(forgetEvery)
	defer seal.Stop()
	defer forget.Stop()
	h.forgetting.note(ctx, h.Forget(ctx))
	for {
		select {
		case <-seal.C:
			h.sealing.note(ctx, h.Seal(ctx))
		case <-forget.C:
			h.forgetting.note(ctx, h.Forget(ctx))
		case <-ctx.Done():
			return nil
		}
	}
}

// Seal seals all that has happened.
func (h *Housekeeping) Seal(ctx context.Context) error {
	return inBatches(ctx, func(ctx context.Context) (bool, error) {
		n, err := h.Seals.Seal(ctx, houseBatch)
		return n == houseBatch, err
	})
}

// Forget forgets all whose time is over.
func (h *Housekeeping) Forget(ctx context.Context) error {
	return inBatches(ctx, func(ctx context.Context) (bool, error) {
		done, err := h.Memories.Forget(ctx, ports.Limits{Place: placeKept, Phone: phoneKept}, houseBatch, h.digest)
		if done.Places+done.Phones > 0 {
			h.Logger.LogAttrs(ctx, slog.LevelInfo, "personal data forgotten", slog.Int("places", done.Places), slog.Int("phones", done.Phones))
		}
		return max(done.Places, done.Phones, done.Answers) == houseBatch, err
	})
}

func inBatches(ctx context.Context, batch func(context.Context) (more bool, err error)) error {
	for more := true; more && ctx.Err() == nil; {
		within, cancel := context.WithTimeout(ctx, houseLimit)
		var err error
		more, err = batch(within)
		cancel()
		if err != nil {
			return err
		}
	}
	return nil
}

func (h *Housekeeping) digest(phone string) []byte {
	mac := hmac.New(sha256.New, h.key)
	mac.Write([]byte(phone))
	return mac.Sum(nil)
}

// VerifyTimelines holds every timeline against its seals and tells broken of
// each that does not fit; it gives how many it has looked at.
func VerifyTimelines(ctx context.Context, seals ports.Seals, broken func(*domain.BrokenSealError)) (tickets int, err error) {
	for after := domain.TicketID(""); ; {
		page, err := seals.Sealed(ctx, after, houseBatch)
		if err != nil {
			return tickets, err
		}
		for _, id := range page {
			lines, chain, err := seals.Chain(ctx, id)
			if err != nil {
				return tickets, err
			}
			err = domain.Verify(id, lines, chain)
			if found, ok := errors.AsType[*domain.BrokenSealError](err); ok {
				broken(found)
			} else if err != nil {
				return tickets, err
			}
			tickets++
		}
		if len(page) < houseBatch {
			return tickets, nil
		}
		after = page[len(page)-1]
	}
}
