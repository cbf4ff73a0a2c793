package domain

import (
	"time"

	"github.com/loveapp/backend/shared/fault"
)

const (
	minPin = 4
	maxPin = 12
	// freeTries may follow each other at once; after each further one the wait
	// doubles from firstWait on, so that trying all 10,000 PINs of four digits
	// takes over a year.
	freeTries = 5
	firstWait = 30 * time.Second
	maxWait   = time.Hour
)

// What can go wrong with a PIN.
var (
	ErrPinRequired = fault.New(fault.Forbidden, "pin_required", "Ending a call for help takes your PIN.")
	ErrPinWrong    = fault.New(fault.Forbidden, "pin_wrong", "The PIN is wrong.")
	ErrPinDelayed  = fault.New(fault.RateLimited, "rate_limited", "Too many wrong PINs. Wait before the next try; the call for help stays open.")
)

// Pin is what somebody must know to take their own call for help back, so that
// who has taken the phone away cannot.
type Pin struct {
	Hash         string // PHC string; "" = none is set
	Tries        int    // since the last right one, those in work included
	BlockedUntil *time.Time
}

// CheckPin judges the form of a new PIN.
func CheckPin(pin string) error {
	if !looksLikePin(pin) {
		return fault.NewInvalid(fault.Field{Field: "pin", Code: "invalid_format", Message: "must have 4 to 12 digits"})
	}
	return nil
}

func looksLikePin(pin string) bool {
	if len(pin) < minPin || len(pin) > maxPin {
		return false
	}
	for i := range len(pin) {
		if pin[i] < '0' || pin[i] > '9' {
			return false
		}
	}
	return true
}

// Set replaces whatever was set; tries against the old one are forgotten.
func (p *Pin) Set(hash string) { *p = Pin{Hash: hash} }

// Try counts a try before its outcome is known, so that tries made at once
// count as much as those made one after the other. It fails with ErrPinDelayed
// while earlier ones still cost time.
func (p *Pin) Try(now time.Time) error {
	if p.BlockedUntil != nil && now.Before(*p.BlockedUntil) {
		return ErrPinDelayed.WithRetryAfter(p.BlockedUntil.Sub(now))
	}
	p.Tries++
	p.BlockedUntil = nil
	if p.Tries >= freeTries {
		until := now.Add(p.wait())
		p.BlockedUntil = &until
	}
	return nil
}

func (p *Pin) wait() time.Duration {
	wait := firstWait
	for range p.Tries - freeTries {
		if wait *= 2; wait >= maxWait {
			return maxWait
		}
	}
	return wait
}

// Proved forgives what was tried against the PIN of this hash.
func (p *Pin) Proved(hash string) {
	if p.Hash == hash {
		p.Tries, p.BlockedUntil = 0, nil
	}
}

// NeedsPin tells whether by must know the reporter's PIN for the command: who
// ends their own call for help does, staff do not for other people's. A command
// that leads nowhere needs none: it has nothing to protect.
func (c *Case) NeedsPin(command Command, by Actor) bool {
	if by.Roles&Reporter == 0 || command != Cancel && command != Resolve {
		return false
	}
	_, err := c.Ticket.Next(command, by)
	return err == nil
}
