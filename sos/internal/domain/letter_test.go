package domain_test

import (
	"testing"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

func TestOnlyTheAddressWhoseHolderHasAgreedIsWrittenTo(t *testing.T) {
	t.Parallel()
	const mail, phone = "Mum@Example.com", "+4915112345678"
	byMail, bySMS := domain.Mailbox{Channel: domain.ByEmail, To: "mum@example.com", Locale: "fr"}, domain.Mailbox{Channel: domain.BySMS, To: phone, Locale: "fr"}
	for name, c := range map[string]struct {
		contact domain.Contact
		want    domain.Mailbox
	}{
		"agreed by mail":              {domain.Contact{Email: mail, Phone: phone, AgreedBy: domain.ByEmail, Status: domain.Active, User: "contact:c"}, byMail},
		"agreed by text":              {domain.Contact{Email: mail, Phone: phone, AgreedBy: domain.BySMS, Status: domain.Active, User: "contact:c"}, bySMS},
		"agreed before that was kept": {domain.Contact{Email: mail, Phone: phone, Status: domain.Active, User: "contact:c"}, byMail},
		"and without an e-mail":       {domain.Contact{Phone: phone, Status: domain.Active, User: "contact:c"}, bySMS},
		"has not agreed":              {domain.Contact{Email: mail, Status: domain.Invited}, domain.Mailbox{}},
		"has taken it back":           {domain.Contact{Email: mail, Status: domain.Declined, User: "contact:c"}, domain.Mailbox{}},
		"has the app":                 {domain.Contact{Email: mail, Status: domain.Active, User: "mum"}, domain.Mailbox{}},
		"is somebody else":            {domain.Contact{Email: mail, Status: domain.Active, User: "contact:other"}, domain.Mailbox{}},
		"has no address any more":     {domain.Contact{Status: domain.Active, User: "contact:c"}, domain.Mailbox{}},
	} {
		c.contact.ID, c.contact.Locale = "c", "fr"
		if got := c.contact.Mailbox(); got != c.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestAContactIsAskedAnewWhereTheyAreReachedElsewhere(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	text := func(s string) *string { return &s }
	for name, c := range map[string]struct {
		agreedBy domain.AddressChannel
		change   domain.ContactDetails
		status   domain.ContactStatus
		asks     bool
	}{
		"another name":                              {domain.ByEmail, domain.ContactDetails{Name: text("Mama")}, domain.Active, false},
		"another spelling":                          {domain.ByEmail, domain.ContactDetails{Email: text("MUM@example.com")}, domain.Active, false},
		"another e-mail":                            {domain.ByEmail, domain.ContactDetails{Email: text("new@example.com")}, domain.Invited, true},
		"a number beside the e-mail that counts":    {domain.ByEmail, domain.ContactDetails{Phone: text("+4915187654321")}, domain.Active, false},
		"an e-mail beside the number that counts":   {domain.BySMS, domain.ContactDetails{Email: text("new@example.com")}, domain.Active, false},
		"another number":                            {domain.BySMS, domain.ContactDetails{Phone: text("+4915187654321")}, domain.Invited, true},
		"no e-mail any more, the number is asked":   {domain.ByEmail, domain.ContactDetails{Email: text("")}, domain.Invited, true},
		"no address any more, nobody can be asked":  {domain.ByEmail, domain.ContactDetails{Email: text(""), Phone: text("")}, domain.Invited, false},
		"no number any more, the e-mail is asked":   {domain.BySMS, domain.ContactDetails{Phone: text("")}, domain.Invited, true},
		"the number goes that nobody writes to":     {domain.ByEmail, domain.ContactDetails{Phone: text("")}, domain.Active, false},
		"the e-mail goes that nobody writes to":     {domain.BySMS, domain.ContactDetails{Email: text("")}, domain.Active, false},
		"the language, which is no other recipient": {domain.BySMS, domain.ContactDetails{Locale: text("es")}, domain.Active, false},
	} {
		book := domain.ContactBook{Owner: "ann", Contacts: []domain.Contact{{
			ID: "c", Owner: "ann", Name: "Mum", Email: "mum@example.com", Phone: "+4915112345678", Priority: 1, Status: domain.Active, User: "contact:c", AgreedBy: c.agreedBy,
		}}}
		changed, asks, err := book.Change("c", c.change, now)
		if err != nil || changed.Status != c.status || asks != c.asks || (changed.Mailbox() == domain.Mailbox{}) != (c.status == domain.Invited) {
			t.Errorf("%s: %s at %+v, asks %v (%v)", name, changed.Status, changed.Mailbox(), asks, err)
		}
	}
}
