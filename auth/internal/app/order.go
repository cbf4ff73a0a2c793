package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
)

// ResendVerification orders the link that verifies the address; whether there is
// anything to send is found out later.
func (a *App) ResendVerification(ctx context.Context, address string) error {
	return a.orderLink(ctx, domain.VerifyEmail, address)
}

// ForgotPassword orders the link that resets the password, likewise.
func (a *App) ForgotPassword(ctx context.Context, address string) error {
	return a.orderLink(ctx, domain.ResetPassword, address)
}

func (a *App) orderLink(ctx context.Context, purpose domain.Purpose, address string) error {
	email, refusal := domain.ParseEmail(address)
	if refusal != nil {
		return domain.WrongField("email", refusal)
	}
	return a.order(ctx, domain.Order{Purpose: purpose, Address: string(email)})
}

// ChangeEmail orders the link that makes the address the caller's. Whether
// another account has it is found out later.
func (a *App) ChangeEmail(ctx context.Context, caller Caller, address string) error {
	email, refusal := domain.ParseEmail(address)
	if refusal != nil {
		return domain.WrongField("newEmail", refusal)
	}
	return a.orderOwn(ctx, caller, domain.ChangeEmail, string(email))
}

// VerifyPhone orders the code that makes the number the caller's.
func (a *App) VerifyPhone(ctx context.Context, caller Caller, number string) error {
	phone, refusal := domain.ParsePhone(number)
	if refusal != nil {
		return domain.WrongField("phone", refusal)
	}
	return a.orderOwn(ctx, caller, domain.VerifyPhone, phone)
}

func (a *App) orderOwn(ctx context.Context, caller Caller, purpose domain.Purpose, address string) error {
	if _, err := a.Profile(ctx, caller); err != nil {
		return err
	}
	return a.order(ctx, domain.Order{Purpose: purpose, Address: address, User: caller.User, Session: caller.Session})
}

func (a *App) order(ctx context.Context, o domain.Order) error {
	o.ID, o.At = a.needs.NewID(), a.now()
	err := a.needs.Store.Change(ctx, func(tx ports.Tx) error { return tx.PlaceOrder(ctx, o) })
	if err != nil {
		return fmt.Errorf("order: %w", err)
	}
	a.needs.Count("ordered_" + string(o.Purpose))
	a.wake()
	return nil
}

// fulfilOrders takes orders until none is left.
func (a *App) fulfilOrders(ctx context.Context) error {
	for {
		err := a.needs.Store.Change(ctx, func(tx ports.Tx) error {
			order, err := tx.TakeOrder(ctx)
			if err != nil {
				return err
			}
			ctx, done := a.follow(ctx, order.Trace, "fulfil order")
			err = a.fulfil(ctx, tx, order)
			done(err)
			return err
		})
		switch {
		case errors.Is(err, ports.ErrNothingDue):
			return nil
		case err != nil:
			return fmt.Errorf("fulfil an order: %w", err)
		}
	}
}

// fulfil queues what the order asks for, if it is to be had.
func (a *App) fulfil(ctx context.Context, tx ports.Tx, order domain.Order) error {
	found, holder, err := concerned(ctx, tx, order)
	if err != nil {
		return err
	}
	with, ok := order.Fulfil(found, holder)
	if !ok {
		return nil
	}
	earlier, err := tx.CountTokens(ctx, order.Purpose, found.ID, order.Address, order.Window(a.now()))
	if err != nil {
		return err
	}
	if order.TooMany(earlier) {
		a.needs.Count("order_over_limit")
		return nil
	}
	if with == domain.LetterInUse {
		return a.tellHolder(ctx, tx, order, *found, *holder)
	}
	return a.sendToken(ctx, tx, order, found.User, with)
}

// tellHolder writes to whoever has the address. The token, which nobody gets,
// makes it count against the limit.
func (a *App) tellHolder(ctx context.Context, tx ports.Tx, order domain.Order, asked, holder domain.Account) error {
	now := a.now()
	if err := tx.AddToken(ctx, order.NewToken(domain.TokenID(a.needs.NewID()), asked.ID, now)); err != nil {
		return err
	}
	return tx.Post(ctx, domain.Notice(domain.MessageID(a.needs.NewID()), domain.LetterInUse, order.Address, holder.User, now))
}

// concerned finds the account that the order is about, and that which has the address.
func concerned(ctx context.Context, tx ports.Tx, order domain.Order) (found, holder *domain.Account, err error) {
	if order.Purpose != domain.VerifyPhone {
		if holder, err = existing(tx.FindAccount(ctx, domain.Email(order.Address))); err != nil {
			return nil, nil, err
		}
	}
	if order.User == "" {
		return holder, holder, nil
	}
	found, err = existing(tx.LockAccount(ctx, order.User))
	return found, holder, err
}

func existing(account domain.Account, err error) (*domain.Account, error) {
	if errors.Is(err, domain.ErrUserNotFound) {
		return nil, nil //nolint:nilnil // nobody is an answer
	}
	return &account, err
}

// verification is what registering orders.
func verification(account domain.Account) domain.Order {
	return domain.Order{Purpose: domain.VerifyEmail, Address: string(account.Email)}
}

// sendToken makes the token and queues the letter that brings it.
func (a *App) sendToken(ctx context.Context, tx ports.Tx, order domain.Order, to domain.User, with domain.Template) error {
	token := order.NewToken(domain.TokenID(a.needs.NewID()), to.ID, a.now())
	if err := tx.AddToken(ctx, token); err != nil {
		return err
	}
	return tx.Post(ctx, token.Carry(domain.MessageID(a.needs.NewID()), with, to.Locale))
}

// notify queues news about the account.
func (a *App) notify(ctx context.Context, tx ports.Tx, about domain.Template, to domain.Email, user domain.User) error {
	return tx.Post(ctx, domain.Notice(domain.MessageID(a.needs.NewID()), about, string(to), user, a.now()))
}

// wake has this process look for what waits to be sent now.
func (a *App) wake() {
	select {
	case a.posted <- struct{}{}:
	default: // it will look anyway
	}
}
