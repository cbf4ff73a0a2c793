package domain_test

import (
	"errors"
	"testing"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

func TestAConsentHasOneAnswerAndCanBeTakenBack(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	type step struct {
		accept bool
		after  time.Duration
		want   error
		status domain.ContactStatus
	}
	const late = 8 * 24 * time.Hour
	for name, steps := range map[string][]step{
		"yes, again, no, no, yes": {{true, 0, nil, domain.Active}, {true, 0, nil, domain.Active}, {false, late, nil, domain.Declined}, {false, late, nil, domain.Declined}, {true, 0, domain.ErrInvitationUsed, domain.Declined}},
		"no, no, yes":             {{false, 0, nil, domain.Declined}, {false, 0, nil, domain.Declined}, {true, 0, domain.ErrInvitationUsed, domain.Declined}},
		"too late":                {{true, late, domain.ErrInvitationExpired, domain.Invited}},
	} {
		contact := domain.Contact{ID: "c", Owner: "ann", Email: "Mum@Example.com", Phone: "+4915112345678", Status: domain.Invited}
		c := domain.ConsentedContact{Contact: contact, Consent: *contact.ConsentFor("x", now)}
		if c.Consent.Channel != domain.ByEmail || c.Consent.Address != "mum@example.com" {
			t.Fatalf("asked at %+v", c.Consent)
		}
		for i, s := range steps {
			if err := c.Answer(s.accept, now.Add(s.after)); !errors.Is(err, s.want) || c.Contact.Status != s.status {
				t.Errorf("%s, step %d: %v, %s", name, i, err, c.Contact.Status)
			}
		}
	}
	app := domain.Contact{ID: "c", Status: domain.Active, User: "mum"}
	taken := domain.ConsentedContact{Contact: app, Consent: domain.Consent{ExpiresAt: now.Add(time.Hour)}}
	if err := taken.Answer(false, now); !errors.Is(err, domain.ErrInvitationUsed) || taken.Contact.Status != domain.Active {
		t.Errorf("a link by mail ends what was agreed in the app: %v", err)
	}
}

func TestTestsAreRareEnoughNotToBeIgnored(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	c := domain.Contact{ID: "c", Status: domain.Active, User: "mum"}
	if err := c.Testable([]domain.ContactTest{{Contact: "other", At: now}}, now); err != nil {
		t.Errorf("another was tested: %v", err)
	}
	if err := c.Testable([]domain.ContactTest{{Contact: "c", At: now.Add(-59 * time.Second)}}, now); !errors.Is(err, domain.ErrTooManyTests) {
		t.Errorf("within a minute: %v", err)
	}
	if err := c.Testable(make([]domain.ContactTest, 20), now); !errors.Is(err, domain.ErrTooManyTests) {
		t.Errorf("the twenty-first: %v", err)
	}
	c.User = "contact:c"
	if err := c.Testable(nil, now); err != nil {
		t.Errorf("without the app: %v", err)
	}
	c.Status = domain.Invited
	if err := c.Testable(nil, now); !errors.Is(err, domain.ErrContactNotActive) {
		t.Errorf("before consent: %v", err)
	}
}
