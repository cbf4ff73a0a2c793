package domain

import (
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/loveapp/backend/shared/fault"
)

// ContactStatus is whether somebody has agreed to be a contact.
type ContactStatus string

// The statuses of a contact. Only the active are told of emergencies.
const (
	Invited  ContactStatus = "invited"
	Active   ContactStatus = "active"
	Declined ContactStatus = "declined"
)

// Contact is one person whom somebody trusts to be told.
type Contact struct {
	ID       ContactID
	Owner    UserID
	Name     string // as the owner calls them
	Email    string // "" where not given; used only after its holder consented
	Phone    string // E.164, "" where not given
	Priority int    // 1 is told first where order matters
	Locale   string
	Status   ContactStatus
	User     UserID // who accepted; never shown to the owner
	// AgreedBy is the channel of the address whose holder has agreed, of a contact without the app.
	AgreedBy  AddressChannel
	CreatedAt time.Time
	UpdatedAt time.Time
}

// ContactDetails is what an owner may say of a contact; nil leaves it as it is.
type ContactDetails struct {
	Name     *string
	Email    *string
	Phone    *string
	Priority *int
	Locale   *string
}

const (
	maxContactName = 100
	maxPriority    = 10
	// maxEmail is the longest address that fits a mail path (RFC 5321 section 4.5.3.1.3).
	maxEmail = 254
)

var (
	emailPattern  = regexp.MustCompile(`^[^@\s<>",;:\\()\[\]]{1,64}@[^@\s<>",;:\\()\[\]]+\.[^@\s<>",;:\\()\[\].]{2,}$`)
	phonePattern  = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`) // E.164
	localePattern = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$`)
	phoneFiller   = strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", ".", "", "\u00a0", "")
)

// change takes over what d says; the error names every field that cannot be accepted.
func (c *Contact) change(d ContactDetails) error {
	var wrong []fault.Field
	reject := func(field, code, message string) {
		wrong = append(wrong, fault.Field{Field: field, Code: code, Message: message})
	}
	if d.Name != nil {
		c.Name = strings.TrimSpace(*d.Name)
	}
	if n := utf8.RuneCountInString(c.Name); n == 0 || n > maxContactName || strings.ContainsFunc(c.Name, unicode.IsControl) {
		reject("name", "invalid_length", "must have 1 to 100 printable characters")
	}
	if d.Email != nil {
		if c.Email = strings.TrimSpace(*d.Email); c.Email != "" && (len(c.Email) > maxEmail || !emailPattern.MatchString(c.Email)) {
			reject("email", "invalid_format", "must be an e-mail address")
		}
	}
	if d.Phone != nil {
		if c.Phone = phoneFiller.Replace(*d.Phone); c.Phone != "" && !phonePattern.MatchString(c.Phone) {
			reject("phone", "invalid_format", "must be a phone number with its country code, such as +4915112345678")
		}
	}
	if d.Priority != nil {
		if c.Priority = *d.Priority; c.Priority < 1 || c.Priority > maxPriority {
			reject("priority", "out_of_range", "must be from 1 to 10")
		}
	}
	if d.Locale != nil {
		if c.Locale = *d.Locale; c.Locale != "" && !localePattern.MatchString(c.Locale) {
			reject("locale", "invalid_format", "must be a language tag such as en or pt-BR")
		}
	}
	if len(wrong) > 0 {
		return fault.NewInvalid(wrong...)
	}
	return nil
}

// sameAddress tells whether two entries are about one person, as far as addresses can tell.
func (c Contact) sameAddress(other Contact) bool {
	return c.Email != "" && strings.EqualFold(c.Email, other.Email) || c.Phone != "" && c.Phone == other.Phone
}
