package domain

// SignIn is what somebody who has an account has sent.
type SignIn struct {
	Email      string
	Password   string
	DeviceName *string
}

// Credentials is a sign-in in canonical form.
type Credentials struct {
	Email      Email
	Password   Password
	DeviceName string
}

// Check judges the form only: nothing in its answer depends on whether there is such an account.
func (s SignIn) Check() (Credentials, error) {
	var (
		c     Credentials
		wrong refusals
		why   *Refusal
	)
	c.Email, why = ParseEmail(s.Email)
	wrong.note("email", why)
	c.Password, why = TypedPassword(s.Password)
	wrong.note("password", why)
	wrong.optional("deviceName", &c.DeviceName, s.DeviceName, parseDeviceName)
	return c, wrong.err()
}

// WrongPassword is what the form of a typed password is refused with.
func WrongPassword(why *Refusal) error {
	var wrong refusals
	wrong.note("password", why)
	return wrong.err()
}
