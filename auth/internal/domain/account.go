package domain

import "time"

// deletionGrace is how long somebody who deletes their account can come back.
const deletionGrace = 30 * day

// WithPassword is the account with a new password; whoever checked the old one is too late.
func (a Account) WithPassword(hash string, now time.Time) Account {
	a.PasswordHash, a.UpdatedAt = hash, now
	a.CredentialVersion++
	return a
}

// WithEmail is the account with an address that its owner has proved to have.
func (a Account) WithEmail(email Email, now time.Time) Account {
	a.Email, a.EmailVerified, a.UpdatedAt = email, true, now
	a.CredentialVersion++
	return a
}

// Verified is the account whose owner has proved to have its address.
func (a Account) Verified(now time.Time) Account {
	a.EmailVerified, a.UpdatedAt = true, now
	return a
}

// WithPhone is the account with a number that its owner has proved to have.
func (a Account) WithPhone(phone string, now time.Time) Account {
	a.Phone, a.PhoneVerified, a.UpdatedAt = phone, true, now
	return a
}

// Leaving is the account that is to be erased; asking twice does not move the
// day. A sign-in that is under way must begin anew, for it would cancel this.
func (a Account) Leaving(now time.Time) Account {
	if a.DeleteAfter.IsZero() {
		a.DeleteAfter, a.UpdatedAt = now.Add(deletionGrace), now
	}
	a.CredentialVersion++
	return a
}

// Staying is the account whose owner has come back.
func (a Account) Staying(now time.Time) Account {
	a.DeleteAfter, a.UpdatedAt = time.Time{}, now
	return a
}

// Gone says whether the time to come back has passed.
func (u User) Gone(now time.Time) bool { return !u.DeleteAfter.IsZero() && !now.Before(u.DeleteAfter) }

// ChosenFor judges a new password of the user.
func (u User) ChosenFor(raw string) (Password, *Refusal) {
	return ChosenPassword(raw, string(u.Email), u.FirstName, u.LastName)
}

// WrongField is the 422 that names one field; nil where there is nothing to refuse.
func WrongField(field string, why *Refusal) error {
	var wrong refusals
	wrong.note(field, why)
	return wrong.err()
}

// ParsePhone takes E.164 only.
func ParsePhone(raw string) (string, *Refusal) {
	if raw == "" {
		return "", missing
	}
	return parsePhone(raw)
}

// Required refuses a value that is not there.
func Required(raw string) *Refusal {
	if raw == "" {
		return missing
	}
	return nil
}
