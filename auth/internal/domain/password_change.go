package domain

// PasswordChange is what somebody who knows their password has sent.
type PasswordChange struct{ Current, New string }

// Check judges both and names all wrong fields in one 422.
func (c PasswordChange) Check(user User) (current, chosen Password, err error) {
	var (
		wrong refusals
		why   *Refusal
	)
	current, why = TypedPassword(c.Current)
	wrong.note("currentPassword", why)
	chosen, why = user.ChosenFor(c.New)
	wrong.note("newPassword", why)
	return current, chosen, wrong.err()
}
