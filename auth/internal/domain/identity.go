package domain

import (
	"time"
	"unicode/utf8"

	"github.com/loveapp/backend/shared/fault"
)

// What signing in with a provider is refused with.
var (
	ErrProviderUnknown = fault.New(fault.NotFound, "not_found", "There is no such provider.")
	// ErrIDToken says nothing about what was wrong with the token.
	ErrIDToken = ErrInvalidCredentials.WithDetail("The provider's token is not good for signing in here.")
	// ErrLinkRequired: one of the two sides has not proved that the address is theirs.
	ErrLinkRequired = fault.New(fault.Conflict, "link_required",
		"There is an account with this e-mail address. Sign in to it with its password and verify the address first.")
	// ErrIdentityTaken: somebody else has linked it meanwhile.
	ErrIdentityTaken = fault.New(fault.Conflict, "identity_taken", "This identity belongs to another account.")
)

// Identity is what a provider says of somebody, its token verified.
type Identity struct {
	Provider      string
	Subject       string // names the person at the provider, for ever
	Email         string // as the provider writes it; "" where it tells none
	EmailVerified bool   // by the provider
	FirstName     string
	LastName      string
	// ProvenAt is when the person last proved to the provider who they are.
	ProvenAt time.Time
}

// freshIdentity is how long ago that may be where it stands for typing a password again.
const freshIdentity = 5 * time.Minute

// Fresh says whether the person has proved only now who they are.
func (i Identity) Fresh(now time.Time) bool { return now.Sub(i.ProvenAt) <= freshIdentity }

const (
	maxIDToken  = 16 << 10 // bytes; with many groups in it, providers' tokens reach some 8 KiB
	maxNonce    = 256
	maxProvider = 64
)

// ProviderToken is what somebody shows instead of a password.
type ProviderToken struct {
	Provider string
	IDToken  string
	Nonce    string
}

// Check judges the form only.
func (p ProviderToken) Check() error {
	var wrong refusals
	p.check(&wrong)
	return wrong.err()
}

func (p ProviderToken) check(wrong *refusals) {
	for _, f := range []struct {
		name, value string
		most        int
	}{{"provider", p.Provider, maxProvider}, {"idToken", p.IDToken, maxIDToken}, {"nonce", p.Nonce, maxNonce}} {
		switch {
		case f.value == "":
			wrong.note(f.name, missing)
		case len(f.value) > f.most:
			wrong.note(f.name, &Refusal{"too_long", "is too long"})
		}
	}
}

// SocialSignIn is what somebody has sent who signs in with a provider.
type SocialSignIn struct {
	ProviderToken

	FirstName  *string
	LastName   *string
	DeviceName *string
}

// Visitor is a social sign-in in canonical form.
type Visitor struct {
	ProviderToken

	firstName, lastName string
	DeviceName          string
}

// Check names every wrong field.
func (s SocialSignIn) Check() (Visitor, error) {
	v := Visitor{ProviderToken: s.ProviderToken}
	var wrong refusals
	s.check(&wrong)
	wrong.optional("firstName", &v.firstName, s.FirstName, parseName)
	wrong.optional("lastName", &v.lastName, s.LastName, parseName)
	wrong.optional("deviceName", &v.DeviceName, s.DeviceName, parseDeviceName)
	return v, wrong.err()
}

// Applicant makes a newcomer's identity one. What the app sends of the name wins:
// Apple tells it the app only. An identity without an address that we can write
// to cannot have an account.
func (v Visitor) Applicant(i Identity) (Applicant, error) {
	var wrong refusals
	email, why := ParseEmail(i.Email)
	if why != nil {
		wrong.note("idToken", &Refusal{"no_email", "must hold an e-mail address: ask the provider for the scope email"})
		return Applicant{}, wrong.err()
	}
	a := Applicant{DeviceName: v.DeviceName}
	a.user.Email, a.user.EmailVerified = email, i.EmailVerified
	a.user.FirstName, a.user.LastName = v.firstName, v.lastName
	for dst, told := range map[*string]string{&a.user.FirstName: i.FirstName, &a.user.LastName: i.LastName} {
		if name, why := parseName(told); *dst == "" && why == nil && utf8.ValidString(told) {
			*dst = name
		}
	}
	return a, nil
}

// MayLink says whether the identity may become a way into an account that has
// its address: only where both sides have proved that it is theirs. Else whoever
// registers with somebody else's address waits for them to walk in.
func (i Identity) MayLink(account User) bool { return i.EmailVerified && account.EmailVerified }
