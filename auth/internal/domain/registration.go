package domain

import "time"

// Registration is what somebody who wants an account has sent. nil is left out.
type Registration struct {
	Email      string
	Password   string
	FirstName  *string
	LastName   *string
	Phone      *string
	Locale     *string
	Timezone   *string
	DeviceName *string
}

// Applicant is a registration with every value checked and canonical.
type Applicant struct {
	user       User
	Password   Password
	DeviceName string
}

// Check judges every field and names all wrong ones in one 422.
func (r Registration) Check() (Applicant, error) {
	var (
		a     Applicant
		wrong refusals
		why   *Refusal
	)
	a.user.Email, why = ParseEmail(r.Email)
	wrong.note("email", why)
	a.Password, why = ChosenPassword(r.Password, r.Email, deref(r.FirstName), deref(r.LastName))
	wrong.note("password", why)
	wrong.optional("firstName", &a.user.FirstName, r.FirstName, parseName)
	wrong.optional("lastName", &a.user.LastName, r.LastName, parseName)
	wrong.optional("phone", &a.user.Phone, r.Phone, parsePhone)
	wrong.optional("locale", &a.user.Locale, r.Locale, parseLocale)
	wrong.optional("timezone", &a.user.Timezone, r.Timezone, parseTimezone)
	wrong.optional("deviceName", &a.DeviceName, r.DeviceName, parseDeviceName)
	return a, wrong.err()
}

// Email is the address applied for.
func (a Applicant) Email() Email { return a.user.Email }

// Join makes the applicant an account. The role is ours to give, never the client's.
func (a Applicant) Join(id UserID, role Role, passwordHash string, now time.Time) Account {
	user := a.user
	user.ID, user.Role, user.Active = id, role, true
	user.CreatedAt, user.UpdatedAt = now, now
	return Account{User: user, PasswordHash: passwordHash, CredentialVersion: 1}
}

// optional parses a value that was sent into dst and leaves dst alone otherwise.
func (r *refusals) optional(field string, dst, sent *string, parse func(string) (string, *Refusal)) {
	if sent == nil {
		return
	}
	value, why := parse(*sent)
	r.note(field, why)
	*dst = value
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
