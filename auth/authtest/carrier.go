package authtest

import "github.com/loveapp/backend/auth/internal/ports"

// CarrierAway has letters fail, for now, until it is back.
func (a *Auth) CarrierAway(away bool) { a.carrierFails(away, &ports.SendError{Why: "away"}) }

// CarrierRefuses has letters fail for ever until it does no more.
func (a *Auth) CarrierRefuses(refuses bool) {
	a.carrierFails(refuses, &ports.SendError{Why: "unknown", Final: true})
}

func (a *Auth) carrierFails(fails bool, with *ports.SendError) {
	if !fails {
		with = nil
	}
	a.store.carrier.Fail(with)
}

// NotTaken counts the letters that failed so far.
func (a *Auth) NotTaken() int { return a.store.carrier.Failed() }
