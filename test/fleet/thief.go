package fleet

import (
	"fmt"
	"net/http"

	"github.com/loveapp/backend/auth/authtest"
)

// The kinds of theft that must be noticed.
const (
	parentWithoutDevice = iota
	olderWithoutDevice
	olderWithDevice
	newestBeforeTheOwner // the thief gets in until the owner comes
	kinds
)

// steal has a thief show something of the phone's, of a kind that must be
// noticed, and looks whether the session is dead for both. Then the owner signs
// in again.
func (f *fleet) steal(p *phone) error {
	f.result.Stolen++
	kind := f.chance.IntN(kinds)
	f.result.Kinds[kind].Tried++
	if err := f.show(p, kind); err != nil {
		return err
	}
	after, err := f.ask(p.session.RefreshToken, p.session.DeviceToken, 1)
	if err != nil {
		return err
	}
	if after[0].status != http.StatusUnauthorized || after[0].Code != "session_ended" {
		return fmt.Errorf("a theft of kind %d after %s was not noticed: the owner gets %d %s", kind, f.now, after[0].status, after[0].Code)
	}
	f.result.Caught++
	f.result.Kinds[kind].Caught++
	return f.signIn(p)
}

// show is what the thief does; the owner comes next.
func (f *fleet) show(p *phone, kind int) error {
	parent, ancestor := p.older[len(p.older)-1], p.older[f.chance.IntN(len(p.older)-1)]
	var token, device string
	switch kind {
	case parentWithoutDevice:
		token = parent
	case olderWithoutDevice:
		token = ancestor
	case olderWithDevice:
		token, device = ancestor, p.session.DeviceToken
	case newestBeforeTheOwner:
		answers, err := f.ask(p.session.RefreshToken, "", 1)
		if err == nil && answers[0].status != http.StatusOK {
			err = fmt.Errorf("the newest token is refused: %d %s", answers[0].status, answers[0].Code)
		}
		return err
	}
	answers, err := f.ask(token, device, 1)
	if err == nil && answers[0].status == http.StatusOK {
		err = fmt.Errorf("a thief of kind %d got in", kind)
	}
	return err
}

func (f *fleet) signIn(p *phone) error {
	a, err := f.post(f.copies[0].URL+"/v1/auth/login", p.session.DeviceToken, map[string]string{"email": p.session.Email, "password": authtest.Password})
	if err != nil {
		return err
	}
	if a.status != http.StatusOK {
		return fmt.Errorf("the owner cannot sign in again: %d %s", a.status, a.Code)
	}
	p.session.RefreshToken, p.session.DeviceToken, p.older = a.RefreshToken, a.DeviceToken, nil
	return nil
}
