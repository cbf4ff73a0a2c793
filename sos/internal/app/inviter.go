package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

const (
	// askBatch is how many requests are sent one after the other under one lease.
	askBatch = 5
	askLease = 15 * time.Second
	askPoll  = 500 * time.Millisecond
	// askLater is the pause where nothing can be sent to such an address now, and
	// askHopeless where the receiver will never take the request: it is over in a week.
	askLater    = time.Minute
	askHopeless = 24 * time.Hour
)

var errNoChannel = errors.New("there is nothing to send mails or texts by")

// InviterConfig is what an Inviter needs; all of it.
type InviterConfig struct {
	Questions ports.Questions
	Post      ports.Post
	Notifier  ports.Notifier
	People    ports.People
	Directory ports.Directory
	Links     *Links
	Logger    *slog.Logger
}

// Inviter asks those who were named as contacts, at the address that was given,
// whether they want that. The answer's token is in no other place than the letter.
// Whoever has verified such an address hears of it in the app, too.
type Inviter struct {
	InviterConfig
	work *mood
}

// NewInviter refuses a hole.
func NewInviter(c InviterConfig) (*Inviter, error) {
	if c.Questions == nil || c.Post == nil || c.Notifier == nil || c.People == nil || c.Directory == nil || c.Links == nil || c.Logger == nil {
		return nil, errors.New("sos: the inviter lacks something it needs")
	}
	return &Inviter{InviterConfig: c, work: newMood(c.Logger, "asking contacts for consent")}, nil
}

// Run asks until ctx ends.
func (v *Inviter) Run(ctx context.Context) error {
	tick := time.NewTicker(askPoll)
	defer tick.Stop()
	for {
		for ctx.Err() == nil && v.Round(ctx) {
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// Round claims one batch and sends it; more tells whether there may be another.
func (v *Inviter) Round(ctx context.Context) (more bool) {
	// What is in hand is finished although the process is to stop.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askLease)
	defer cancel()
	claimed, err := v.Questions.ClaimConsents(ctx, askBatch, askLease)
	if err != nil {
		v.work.note(ctx, err)
		return false
	}
	for _, one := range claimed {
		v.work.note(ctx, v.ask(ctx, one))
	}
	return len(claimed) == askBatch
}

// ask sends one. Its error is the receiver's or the store's; the request is due again by then.
func (v *Inviter) ask(ctx context.Context, one ports.ClaimedConsent) error {
	token := v.Links.consents.again(string(one.Consent.ID), [32]byte(one.Token))
	if token == "" { // made with a secret that is gone
		return v.Questions.PostponeConsent(ctx, one.Consent.ID, askHopeless)
	}
	owner, _, err := v.People.Name(ctx, one.Owner)
	if err != nil {
		return errors.Join(err, v.Questions.PostponeConsent(ctx, one.Consent.ID, pauseAfter(one.Attempt)))
	}
	limited, cancel := context.WithTimeout(ctx, sendLimit)
	defer cancel()
	if err := v.tell(limited, one, owner.Name); err != nil {
		return errors.Join(err, v.Questions.PostponeConsent(ctx, one.Consent.ID, pauseAfter(one.Attempt)))
	}
	unsent, err := v.Post.Write(limited, []domain.Letter{{
		To: one.Consent.Mailbox(), URL: v.Links.consentURL(token),
		Request: &domain.ConsentRequest{ID: one.Consent.ID, OwnerName: owner.Name, At: one.Consent.CreatedAt},
	}})
	switch {
	case errors.Is(err, ports.ErrRefused):
		v.Logger.LogAttrs(ctx, slog.LevelError, "request for consent refused by the receiver", slog.String("contact_id", string(one.Consent.Contact)), slog.Any("error", err))
		return v.Questions.PostponeConsent(ctx, one.Consent.ID, askHopeless)
	case err != nil:
		return errors.Join(err, v.Questions.PostponeConsent(ctx, one.Consent.ID, pauseAfter(one.Attempt)))
	case len(unsent) > 0:
		return errors.Join(errNoChannel, v.Questions.PostponeConsent(ctx, one.Consent.ID, askLater))
	}
	return v.Questions.ConsentSent(ctx, one.Consent.ID)
}

// tell lets those hear of it in the app who have verified the address. However
// often it is tried, the receiver knows it by the request's id.
func (v *Inviter) tell(ctx context.Context, one ports.ClaimedConsent, ownerName string) error {
	holders, err := v.Directory.Holders(ctx, one.At)
	if err != nil {
		return err
	}
	var alerts []domain.Alert
	for _, holder := range holders {
		if holder != one.Owner {
			alerts = append(alerts, domain.Alert{
				TicketID: domain.TicketID(one.Consent.ID), Seq: 1, Recipient: holder, Kind: domain.AlertInvited, At: one.Consent.CreatedAt, ReporterName: ownerName,
			})
		}
	}
	if len(alerts) == 0 {
		return nil
	}
	err = v.Notifier.Notify(ctx, alerts)
	if errors.Is(err, ports.ErrRefused) { // the letter still goes
		v.Logger.LogAttrs(ctx, slog.LevelError, "invitation refused by the receiver", slog.String("contact_id", string(one.Consent.Contact)), slog.Any("error", err))
		return nil
	}
	return err
}
