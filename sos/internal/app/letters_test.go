package app_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// befriend makes a contact without the app who has agreed by the address.
func (h house) befriend(owner string, d domain.ContactDetails) domain.ContactID {
	h.tb.Helper()
	name := "Gran"
	d.Name = &name
	made, err := h.Invite(h.tb.Context(), domain.UserID(owner), d, ports.Repeatable{})
	if err != nil {
		h.tb.Fatal(err)
	}
	for _, asked := range []*string{d.Email, d.Phone} {
		if asked == nil {
			continue
		}
		for _, request := range h.store.Asked(*asked) {
			if _, err := h.Consent(h.tb.Context(), h.links.ConsentToken(request.ID), true); err != nil {
				h.tb.Fatal(err)
			}
		}
	}
	return made.ID
}

func byMail() domain.ContactDetails {
	address, locale := "gran@example.com", "fr"
	return domain.ContactDetails{Email: &address, Locale: &locale}
}

func TestSomebodyWithoutTheAppIsWrittenToWithALinkOfTheirOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		h.befriend("ann", byMail())
		h.dispatch(&postman{}, &tally{})
		ticket := h.press("ann", "k")
		synctest.Wait()
		letters := h.post.Taken()
		if len(letters) != 1 || letters[0].To != (domain.Mailbox{Channel: domain.ByEmail, To: "gran@example.com", Locale: "fr"}) || letters[0].Alert.Kind != domain.AlertTriggered {
			t.Fatalf("written: %+v", letters)
		}
		token, isLink := strings.CutPrefix(letters[0].URL, "https://love.example/track#")
		if view, err := h.ViewByLink(t.Context(), token); !isLink || err != nil || !view.CanAcknowledge {
			t.Errorf("%s shows %+v (%v)", letters[0].URL, view, err)
		}
		if _, err := h.AcknowledgeByLink(t.Context(), token, ""); err != nil {
			t.Fatal(err)
		}
		seen, err := h.Ticket(t.Context(), domain.Caller{User: "ann"}, ticket.ID)
		if err != nil || seen.AcknowledgedBy == nil || seen.AcknowledgedBy.Name != "Gran" {
			t.Errorf("acknowledged by %+v (%v)", seen.AcknowledgedBy, err)
		}
		if _, err := h.Resolve(t.Context(), domain.Caller{User: "ann"}, ticket.ID, domain.Safe, "", ""); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		letters = h.post.Taken()
		if len(letters) != 2 || letters[1].Alert.Kind != domain.AlertResolved || letters[1].URL != letters[0].URL {
			t.Errorf("at the end: %+v", letters)
		}
	})
}

func TestALinkThatWasEndedIsNotSentAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		h.befriend("ann", byMail())
		h.dispatch(&postman{}, &tally{})
		ticket := h.press("ann", "k")
		synctest.Wait()
		links, err := h.SharedLinks(t.Context(), domain.Caller{User: "ann"}, ticket.ID)
		if err != nil || len(links) != 1 {
			t.Fatalf("%d links (%v)", len(links), err)
		}
		if err := h.Unshare(t.Context(), domain.Caller{User: "ann"}, links[0].ID); err != nil {
			t.Fatal(err)
		}
		h.press("ann", "again")
		synctest.Wait()
		if letters := h.post.Taken(); len(letters) != 2 || letters[1].URL != "" {
			t.Errorf("written: %+v", letters)
		}
	})
}

func TestALetterWaitsForAChannelAndForWhoeverIsOnTheAppNobodyWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, p, c := newHouse(t, nil), &postman{}, &tally{}
		h.befriend("ann", byMail())
		h.trust("ann", "mum")
		h.post.Close(domain.ByEmail, true)
		h.dispatch(p, c)
		h.press("ann", "k")
		synctest.Wait()
		if alerts, _, _ := p.counted(); alerts != 1 || len(h.post.Taken()) != 0 {
			t.Errorf("%d alerts, %d letters", alerts, len(h.post.Taken()))
		}
		h.press("ann", "again")
		pass(time.Second)
		h.post.Close(domain.ByEmail, false)
		pass(31 * time.Second)
		synctest.Wait()
		if letters := h.post.Taken(); len(letters) != 2 || letters[1].Alert.Kind != domain.AlertTriggered {
			t.Errorf("written: %+v", letters)
		}
	})
}

func TestWhoTakesTheirConsentBackIsWrittenToNoMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, c := newHouse(t, nil), &tally{}
		id := h.befriend("ann", byMail())
		h.press("ann", "k")
		if err := h.RemoveContact(t.Context(), "ann", id); err != nil {
			t.Fatal(err)
		}
		h.dispatch(&postman{}, c)
		pass(time.Minute)
		synctest.Wait()
		if letters := h.post.Taken(); len(letters) != 0 {
			t.Errorf("written: %+v", letters)
		}
		if waiting, err := h.store.Claim(t.Context(), 10, time.Second); err != nil || len(waiting.Deliveries) != 0 {
			t.Errorf("waiting: %+v (%v)", waiting, err)
		}
	})
}

func TestALetterThatIsRefusedHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, c := newHouse(t, nil), &tally{}
		for _, address := range []string{"a@example.com", "b@example.com", "c@example.com"} {
			h.befriend("ann", domain.ContactDetails{Email: &address})
		}
		h.post.Refuse(func(l domain.Letter) bool { return l.To.To == "b@example.com" })
		h.dispatch(&postman{}, c)
		h.press("ann", "k")
		synctest.Wait()
		if _, parked, _, _ := c.seen(); len(h.post.Taken()) != 2 || parked != 1 {
			t.Errorf("%d letters, %d parked", len(h.post.Taken()), parked)
		}
	})
}
