package portstest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/idgen"
)

// Outcome is how a provider answers.
type Outcome string

// The outcomes. A provider takes messages until it is told otherwise.
const (
	Takes     Outcome = "takes"
	Throttles Outcome = "wants less"
	Fails     Outcome = "is in trouble"
	Refuses   Outcome = "refuses the message"
	Forgets   Outcome = "says that the target is gone"
	Distrusts Outcome = "does not take our credentials"
	HangsUp   Outcome = "hangs up in the middle"
	Hangs     Outcome = "does not answer"
	Babbles   Outcome = "answers with garbage"
	Floods    Outcome = "answers without end"
	Redirects Outcome = "sends us elsewhere"
	Mumbles   Outcome = "says that it takes it, and then garbage"
)

// kindOf is what each outcome means.
var kindOf = map[Outcome]domain.SendErrorKind{
	Throttles: domain.Throttled, Fails: domain.Unreachable, Refuses: domain.Rejected, Forgets: domain.Gone,
	Distrusts: domain.Misconfigured, HangsUp: domain.Unreachable, Hangs: domain.Unreachable, Babbles: domain.Unreachable, Floods: domain.Unreachable,
	Redirects: domain.Unreachable, Mumbles: domain.Unreachable,
}

// Station is a sender and the provider that it speaks to.
type Station struct {
	Sender ports.Sender
	// Hasty is a sender like it that soon gives up; it is there where the provider may hang.
	Hasty  ports.Sender
	Target domain.Target // somebody that the provider reaches
	// Can are the outcomes beside taking that the provider knows; Behave has it answer so.
	Can    []Outcome
	Behave func(Outcome)
	// Seen is the text of each message that it has taken; one that came twice under
	// the same ID may be there once.
	Seen func() []string
	// Shown is how many of them a device shows; nil: its provider cannot tell which are the same.
	Shown func() int
	// Pause is what it asks for when it wants less; 0: its protocol has no word for that.
	Pause time.Duration
	// Secret must not be told by any error.
	Secret string
}

const personal = "Amina is at the old bridge"

func (s Station) parcel(text string) domain.Parcel {
	return domain.Parcel{
		ID: domain.DeliveryID(idgen.NewV7()), To: s.Target, Notification: domain.NotificationID(idgen.NewV7()), Seq: 7,
		Category: domain.SOS, Kind: "sos.triggered", TicketID: idgen.NewV7(), Title: personal, Text: text, Priority: domain.Critical,
		CollapseKey: "alarm",
	}
}

// RunSender holds a sender to its port. Each test gets a station of its own.
func RunSender(t *testing.T, open func(*testing.T) Station) {
	t.Helper()
	run(t, open, map[string]func(*testing.T, Station){
		"a parcel arrives":                      aParcelArrives,
		"many arrive at once, each once":        manyArrive,
		"a title alone arrives":                 aTitleAloneArrives,
		"an expired parcel is not sent":         anExpiredParcelStays,
		"one that expires later is":             aParcelWithTimeArrives,
		"a text of any length and script goes":  anyTextGoes,
		"a call that was given up says so":      aCancelledSendingSaysSo,
		"a deadline that passed is unreachable": aDeadlinePasses,
		"what is sent again is shown once":      sentAgainShownOnce,
	})
	for _, outcome := range open(t).Can {
		t.Run("a provider that "+string(outcome), func(t *testing.T) {
			t.Parallel()
			outcomeIsTold(t, open(t), outcome)
		})
	}
}

func aParcelArrives(t *testing.T, s Station) {
	handed, err := s.Sender.Send(t.Context(), s.parcel("Come, please."))
	if err != nil {
		t.Fatal(err)
	}
	if handed.ProviderID == "" {
		t.Error("the provider's name of it is not told")
	}
	if seen := s.Seen(); len(seen) != 1 || !strings.Contains(seen[0], "Come, please.") {
		t.Errorf("what arrived is %q", seen)
	}
	if s.Sender.Provider() != s.Target.Provider {
		t.Errorf("it says that it is %s", s.Sender.Provider())
	}
}

// sentAgainShownOnce: an instance may die between the sending and the noting of it.
func sentAgainShownOnce(t *testing.T, s Station) {
	if s.Shown == nil {
		return
	}
	p, other := s.parcel("Come, please."), s.parcel("Come, please.")
	p.CollapseKey, other.CollapseKey = "", ""
	for _, one := range []domain.Parcel{p, other, p} {
		if _, err := s.Sender.Send(t.Context(), one); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.Shown(); n != 2 {
		t.Errorf("of two parcels, one of them sent twice, %d are shown", n)
	}
}

func aTitleAloneArrives(t *testing.T, s Station) {
	if _, err := s.Sender.Send(t.Context(), s.parcel("")); err != nil {
		t.Fatal(err)
	}
	if seen := s.Seen(); len(seen) != 1 || !strings.Contains(seen[0], personal) {
		t.Errorf("what arrived is %q", seen)
	}
}

func manyArrive(t *testing.T, s Station) {
	const many = 50
	var sendings sync.WaitGroup
	failed := make([]error, many)
	for i := range many {
		sendings.Go(func() { _, failed[i] = s.Sender.Send(t.Context(), s.parcel(fmt.Sprintf("number <%d>", i))) })
	}
	sendings.Wait()
	if err := errors.Join(failed...); err != nil {
		t.Fatal(err)
	}
	seen := s.Seen()
	for i := range many {
		text := fmt.Sprintf("<%d>", i)
		if n := len(slices.DeleteFunc(slices.Clone(seen), func(s string) bool { return !strings.Contains(s, text) })); n != 1 {
			t.Errorf("%s arrived %d times", text, n)
		}
	}
}

func anExpiredParcelStays(t *testing.T, s Station) {
	p, ago := s.parcel("too late"), time.Now().Add(-time.Second)
	p.ExpiresAt = &ago
	_, err := s.Sender.Send(t.Context(), p)
	_ = wantKind(t, err, domain.Overdue)
	if seen := s.Seen(); len(seen) != 0 {
		t.Errorf("sent all the same: %q", seen)
	}
}

func aParcelWithTimeArrives(t *testing.T, s Station) {
	p, later := s.parcel("in time"), time.Now().Add(time.Hour)
	p.ExpiresAt = &later
	if _, err := s.Sender.Send(t.Context(), p); err != nil || len(s.Seen()) != 1 {
		t.Errorf("%d arrived: %v", len(s.Seen()), err)
	}
}

func anyTextGoes(t *testing.T, s Station) {
	for name, text := range map[string]string{
		"long": strings.Repeat("quite long ", 1000), "long and wide": strings.Repeat("مساعدة 🆘 ", 1000),
		"quotes": strings.Repeat(`"\<&`, 1500), "lines": "a\r\nBcc: everybody@example.org\r\n\r\nb", "controls": "a\x01\x02\x7f\u2028b",
		"invalid": "a\xff\xfeb", "a dot": "\r\n.\r\nQUIT\r\n",
	} {
		before := len(s.Seen())
		p := s.parcel(text)
		p.Title = text
		if _, err := s.Sender.Send(t.Context(), p); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if n := len(s.Seen()) - before; n != 1 {
			t.Errorf("%s: %d arrived", name, n)
		}
	}
}

func aCancelledSendingSaysSo(t *testing.T, s Station) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Sender.Send(ctx, s.parcel("given up")); !errors.Is(err, context.Canceled) {
		t.Errorf("it says %v", err)
	}
}

func aDeadlinePasses(t *testing.T, s Station) {
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	_, err := s.Sender.Send(ctx, s.parcel("too slow"))
	_ = wantKind(t, err, domain.Unreachable)
}

func outcomeIsTold(t *testing.T, s Station, outcome Outcome) {
	s.Behave(outcome)
	first := s.Sender
	if outcome == Hangs {
		first = s.Hasty
	}
	_, err := first.Send(t.Context(), s.parcel("once more"))
	said := wantKind(t, err, kindOf[outcome])
	if said == nil {
		return
	}
	if said.Provider != s.Target.Provider || said.Code == "" || len(said.Code) > 64 {
		t.Errorf("it is told as %+v", said)
	}
	if outcome == Throttles && said.RetryAfter != s.Pause {
		t.Errorf("it asks for %s, told is %s", s.Pause, said.RetryAfter)
	}
	for _, private := range []string{s.Target.Address, s.Target.Token, s.Secret, personal} {
		if private != "" && strings.Contains(err.Error(), private) {
			t.Errorf("the error tells %q", private)
		}
	}
	s.Behave(Takes)
	if _, err := s.Sender.Send(t.Context(), s.parcel("and again")); err != nil {
		t.Errorf("the next one does not go: %v", err)
	}
}

func wantKind(t *testing.T, err error, kind domain.SendErrorKind) *domain.SendError {
	t.Helper()
	said, ok := errors.AsType[*domain.SendError](err)
	if !ok || said.Kind != kind {
		t.Errorf("it says %v, wanted %s", err, kind)
		return nil
	}
	return said
}
