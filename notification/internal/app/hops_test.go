package app_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/adapters/memory"
	"github.com/loveapp/backend/notification/internal/app"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/idgen"
)

// clock stands still unless it is moved.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) forward(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(by)
}

// phones are the devices of a test.
type phones struct {
	ports.Devices
	mu      sync.Mutex
	devices map[domain.UserID][]domain.Device
	pruned  []string
}

func (p *phones) give(user domain.UserID, provider domain.Provider, token string) domain.DeviceID {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := domain.Device{ID: domain.DeviceID(idgen.NewV7()), User: user, Provider: provider, Token: token, Locale: "fr"}
	p.devices[user] = append(p.devices[user], d)
	return d.ID
}

func (p *phones) OfUsers(_ context.Context, users []domain.UserID) (map[domain.UserID][]domain.Device, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	found := map[domain.UserID][]domain.Device{}
	for _, user := range users {
		if devices := p.devices[user]; len(devices) > 0 {
			found[user] = slices.Clone(devices)
		}
	}
	return found, nil
}

func (p *phones) Prune(_ context.Context, _ domain.DeviceID, provider domain.Provider, address string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pruned = append(p.pruned, string(provider)+" "+address)
	return nil
}

// town is a world with something to send by, in which time stands still.
type town struct {
	*world
	clock             *clock
	phones            *phones
	people            *memory.People
	fcm, apns         *memory.Outlet
	texts, mails      *memory.Outlet
	senders           map[domain.Provider]ports.Sender
	anaPhone, anaMail string
}

func newTown() *town {
	w := newWorld()
	c := &clock{at: time.Now()}
	w.store = memory.NewStore(c.now)
	t := &town{
		world: w, clock: c, phones: &phones{devices: map[domain.UserID][]domain.Device{}}, people: memory.NewPeople(),
		fcm: memory.NewOutlet(domain.FCM), apns: memory.NewOutlet(domain.APNs), texts: memory.NewOutlet(domain.Twilio), mails: memory.NewOutlet(domain.SMTP),
		anaPhone: "+4915112345678", anaMail: "ana@example.com",
	}
	t.senders = map[domain.Provider]ports.Sender{domain.FCM: t.fcm, domain.APNs: t.apns, domain.Twilio: t.texts, domain.SMTP: t.mails}
	w.outfit = func(c *app.Config) { c.Senders, c.Devices, c.People = t.senders, t.phones, t.people }
	return t
}

// resident has a phone, and a number and an address that are verified.
func (t *town) resident() domain.UserID {
	user := newUser()
	t.phones.give(user, domain.FCM, "token of "+string(user))
	t.people.Introduce(user, domain.Person{Email: t.anaMail, Phone: t.anaPhone, Locale: "es"})
	return user
}

func got(o *memory.Outlet, user string) (n int) {
	for _, p := range o.Taken() {
		if p.To.Token == "token of "+user || user == "" {
			n++
		}
	}
	return n
}

// later lets time pass once nobody has anything in hand: at one go leases would end
// that whoever lives keeps.
func (t *town) later(tb testing.TB, by time.Duration) {
	tb.Helper()
	eventually.True(tb, "nothing is in hand", func() bool { return t.store.InHand() == 0 })
	t.clock.forward(by)
}

func (t *town) expect(tb testing.TB, what string, pushes, texts, mails int) {
	tb.Helper()
	eventually.True(tb, what, func() bool {
		return len(t.fcm.Taken()) == pushes && len(t.texts.Taken()) == texts && len(t.mails.Taken()) == mails
	})
}

func TestWhoDoesNotAcknowledgeAnAlarmIsToldOnEveryChannelInTurn(t *testing.T) {
	t.Parallel()
	w := newTown()
	one := w.start(t, quick())
	ana := w.resident()
	one.notify(ana, domain.Critical)
	w.expect(t, "no socket is open: a push at once", 1, 0, 0)
	w.later(t, 19*time.Second)
	one.notify(w.resident(), domain.Critical)
	w.expect(t, "19 seconds later nothing else has gone out", 2, 0, 0)
	w.later(t, time.Second)
	w.expect(t, "a text after 20 seconds", 2, 1, 0)
	w.later(t, 20*time.Second)
	w.expect(t, "a mail after 40", 2, 2, 1)
	push, text, mail := w.fcm.Taken()[0], w.texts.Taken()[0], w.mails.Taken()[0]
	if push.To.Device == "" || push.Seq != 1 || push.Kind != "general" || push.Notification == "" || text.To.Address != w.anaPhone || mail.To.Address != w.anaMail || mail.To.Locale != "es" {
		t.Errorf("push %+v, text %+v, mail %+v", push, text, mail)
	}
}

func TestAnOpenSocketHasFiveSecondsToAcknowledge(t *testing.T) {
	t.Parallel()
	w := newTown()
	one, other := w.start(t, quick()), w.start(t, quick())
	ana, ben := w.resident(), w.resident()
	device := other.connect(ana) // on another instance than the alarm comes to
	eventually.True(t, "the registry knows", func() bool {
		connections, err := w.registry.Of(t.Context(), []domain.UserID{ana})
		return err == nil && len(connections) == 1
	})
	one.notify(ana, domain.Critical)
	device.expect(t, "connected:0 1")
	w.later(t, 4*time.Second)
	one.notify(ben, domain.Critical) // has no socket
	w.expect(t, "only ben gets a push", 1, 0, 0)
	if got(w.fcm, string(ana)) != 0 {
		t.Fatal("a socket that is open has got no time")
	}
	w.later(t, time.Second)
	w.expect(t, "presence is not delivery: a push after 5 seconds", 2, 0, 0)
}

func TestAnAckCancelsTheRestOnEveryInstance(t *testing.T) {
	t.Parallel()
	w := newTown()
	one, other := w.start(t, quick()), w.start(t, quick())
	ana, ben := w.resident(), w.resident()
	one.notify(ana, domain.Critical)
	other.notify(ben, domain.Critical)
	w.expect(t, "pushes at once", 2, 0, 0)
	if err := other.AckIDs(t.Context(), ana, []domain.NotificationID{w.fcm.Taken()[0].Notification}); err != nil {
		t.Fatal(err)
	}
	if err := other.AckThrough(t.Context(), ana, 1); err != nil { // whichever push was the first
		t.Fatal(err)
	}
	w.later(t, 20*time.Second)
	w.expect(t, "a text to ben", 2, 1, 0)
	w.later(t, 20*time.Second)
	w.expect(t, "a mail to ben", 2, 1, 1)
}

func TestWithoutADeviceTheNextChannelFollowsAtOnce(t *testing.T) {
	t.Parallel()
	w := newTown()
	one := w.start(t, quick())
	ana, ben := newUser(), newUser()
	w.people.Introduce(ana, domain.Person{Email: w.anaMail, Phone: w.anaPhone})
	w.people.Introduce(ben, domain.Person{Email: "ben@example.com"})
	one.notify(ana, domain.Critical)
	one.notify(ben, domain.Critical)
	w.expect(t, "a text to ana and a mail to ben at once", 0, 1, 1)
}

func TestOthersGetAPushAfterFiveSecondsAndNoMore(t *testing.T) {
	t.Parallel()
	w := newTown()
	one := w.start(t, quick())
	ana, ben, cem := w.resident(), w.resident(), w.resident()
	err := w.preferences.Put(t.Context(), cem, domain.Preferences{Channels: map[domain.Category]domain.ChannelSet{domain.General: {Email: true}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, user := range []domain.UserID{ana, ben, cem} {
		one.notify(user, domain.High)
	}
	if err := one.AckThrough(t.Context(), ana, 1); err != nil {
		t.Fatal(err)
	}
	w.later(t, 5*time.Second)
	w.expect(t, "ben gets a push: ana has seen it, and cem has muted pushes", 1, 0, 0)
	w.later(t, 40*time.Second)
	w.expect(t, "cem has switched mail on", 1, 0, 1)
}

func TestTheSenderNamesTheChannels(t *testing.T) {
	t.Parallel()
	w := newTown()
	one := w.start(t, quick())
	for event, channels := range map[string][]string{"socket": {"socket"}, "push": {"socket", "push"}, "text": {"sms"}} {
		p := domain.Proposal{EventID: event, Users: []string{string(w.resident())}, Priority: "critical", Title: event, Channels: channels}
		if _, err := one.Accept(t.Context(), []domain.Proposal{p}); err != nil {
			t.Fatal(err)
		}
	}
	w.expect(t, "a push and a text", 1, 1, 0)
	w.later(t, time.Hour)
	one.notify(w.resident(), domain.Critical)
	w.expect(t, "nothing else follows", 2, 1, 0)
}

func TestWhileAuthIsAwayAStepWaits(t *testing.T) {
	t.Parallel()
	w := newTown()
	one := w.start(t, quick())
	ana := newUser()
	w.people.Introduce(ana, domain.Person{Phone: w.anaPhone})
	w.people.Begin()
	one.notify(ana, domain.Critical)
	one.notify(w.resident(), domain.Critical)
	w.expect(t, "who has a phone gets a push meanwhile", 1, 0, 0)
	w.people.End()
	for range 3 {
		w.later(t, time.Second)
	}
	w.expect(t, "nothing was lost", 1, 1, 0)
}

func TestWhatAProviderAnswersDecidesWhatComesNext(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind   domain.SendErrorKind
		state  domain.DeliveryState
		pruned bool
	}{
		"it is away":        {domain.Unreachable, domain.Waiting, false},
		"it wants less":     {domain.Throttled, domain.Waiting, false},
		"our key is wrong":  {domain.Misconfigured, domain.Waiting, false},
		"garbage":           {"", domain.Waiting, false},
		"never":             {domain.Rejected, domain.Dead, false},
		"the token is dead": {domain.Gone, domain.Removed, true},
		"too late":          {domain.Overdue, domain.Expired, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTown()
			one := w.start(t, quick())
			w.fcm.Fail(c.kind, "code")
			ana := w.resident()
			one.notify(ana, domain.High)
			w.later(t, 5*time.Second)
			var log []domain.Delivery
			eventually.True(t, "an attempt is noted", func() bool {
				page, err := w.store.List(t.Context(), ana, domain.Filter{}, 0, 1)
				if err != nil || len(page.Items) == 0 {
					return false
				}
				log, err = w.store.OfEvent(t.Context(), string(page.Items[0].ID), domain.Position{}, 10)
				return err == nil && len(log) == 1 && log[0].Code == "code"
			})
			if log[0].State != c.state || log[0].Attempts != 1 || (len(w.phones.pruned) == 1) != c.pruned {
				t.Errorf("the log says %+v, pruned %q", log[0], w.phones.pruned)
			}
			w.fcm.Answer(nil)
			w.later(t, 2*time.Minute)
			if c.state == domain.Waiting {
				w.expect(t, "it is tried again", 1, 0, 0)
				return
			}
			if c.state == domain.Dead {
				if _, err := one.Replay(t.Context(), log[0].ID); err != nil {
					t.Fatal(err)
				}
				w.expect(t, "a dead letter is replayed", 1, 0, 0)
				return
			}
			one.notify(ana, domain.Critical)
			w.expect(t, "only the next one is sent", 1, 0, 0)
		})
	}
}

func TestAProviderThatHangsHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	w := newTown()
	release := make(chan struct{})
	w.fcm.Answer(func(ctx context.Context, _ domain.Parcel) error {
		select {
		case <-release:
		case <-ctx.Done():
		}
		return nil
	})
	one := w.start(t, quick())
	for range 40 {
		one.notify(w.resident(), domain.Critical)
	}
	ben := newUser()
	w.phones.give(ben, domain.APNs, "token of ben")
	one.notify(ben, domain.Critical)
	eventually.True(t, "apns is not in fcm's way", func() bool { return len(w.apns.Taken()) == 1 })
	close(release)
	w.expect(t, "and nothing was lost", 40, 0, 0)
}

func TestWhatADeadInstanceHadInItsHandsOthersTakeUp(t *testing.T) {
	t.Parallel()
	w := newTown()
	one := w.start(t, quick())
	w.fcm.Fail(domain.Throttled, "later")
	ana := w.resident()
	one.notify(ana, domain.Critical)
	eventually.True(t, "the first attempt", func() bool { return w.fcm.Calls() == 1 })
	one.stop()
	w.fcm.Answer(nil)
	w.clock.forward(time.Minute)
	if claim, err := w.store.ClaimDeliveries(t.Context(), ports.Queue{Provider: domain.FCM, Urgent: true}, ports.Claiming{Limit: 10, Lease: 30 * time.Second}); err != nil || len(claim.Works) != 1 {
		t.Fatalf("whoever dies has claimed %d, %v", len(claim.Works), err)
	}
	if claim, err := w.store.ClaimHops(t.Context(), true, ports.Claiming{Limit: 10, Lease: 5 * time.Second}); err != nil || len(claim.Plans) != 1 {
		t.Fatalf("whoever dies has claimed %d plans, %v", len(claim.Plans), err)
	}
	w.start(t, quick())
	w.clock.forward(31 * time.Second)
	w.expect(t, "push and text are sent by who lives", 1, 1, 0)
}

func TestSeveralInstancesSendEachStepOnce(t *testing.T) {
	t.Parallel()
	w := newTown()
	instances := []*instance{w.start(t, quick()), w.start(t, quick()), w.start(t, quick())}
	const users = 100
	for i := range users {
		instances[i%3].notify(w.resident(), domain.Critical)
	}
	w.expect(t, "a push each", users, 0, 0)
	w.later(t, 20*time.Second)
	w.expect(t, "a text each", users, users, 0)
	w.later(t, 20*time.Second)
	w.expect(t, "a mail each", users, users, users)
	seen := map[domain.DeliveryID]bool{}
	for _, o := range []*memory.Outlet{w.fcm, w.texts, w.mails} {
		for _, p := range o.Taken() {
			if seen[p.ID] {
				t.Fatalf("%s went out twice", p.ID)
			}
			seen[p.ID] = true
		}
	}
}

func TestNothingGoesOutAfterAnAckOfAWhileAgo(t *testing.T) {
	t.Parallel()
	w := newTown()
	var mu sync.Mutex
	acked := map[domain.NotificationID]time.Time{} // by the town's clock
	late := 0
	watch := func(_ context.Context, p domain.Parcel) error {
		mu.Lock()
		defer mu.Unlock()
		if at, ok := acked[p.Notification]; ok && w.clock.now().After(at) {
			late++
		}
		return nil
	}
	for _, o := range []*memory.Outlet{w.fcm, w.texts, w.mails} {
		o.Answer(watch)
	}
	one, other := w.start(t, quick()), w.start(t, quick())
	var users []domain.UserID
	for range 60 {
		user := w.resident()
		users = append(users, user)
		one.notify(user, domain.Critical)
	}
	w.expect(t, "a push each", 60, 0, 0)
	for i, user := range users {
		if i%6 == 0 {
			w.later(t, 4*time.Second)
		}
		page, err := w.store.List(t.Context(), user, domain.Filter{}, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		if err := other.AckThrough(t.Context(), user, 1); err != nil {
			t.Fatal(err)
		}
		mu.Lock()
		acked[page.Items[0].ID] = w.clock.now()
		mu.Unlock()
	}
	w.later(t, time.Hour)
	one.notify(w.resident(), domain.Critical)
	eventually.True(t, "what comes later", func() bool { return len(w.fcm.Taken()) == 61 })
	mu.Lock()
	defer mu.Unlock()
	if late > 0 {
		t.Errorf("%d went out that were not in hand when the ack came", late)
	}
}

func TestSomebodyWithoutAnAccountIsWrittenToOnce(t *testing.T) {
	t.Parallel()
	w := newTown()
	delete(w.senders, domain.Twilio)
	one := w.start(t, quick())
	mum := domain.Proposal{
		EventID: "event", Title: "Ana needs help", Body: "She has named you.", Priority: "critical", Data: []byte(`{"kind":"sos.triggered","url":"https://x.example/track#1"}`),
		Address: &domain.Address{Channel: domain.Email, To: "mum@example.com", Locale: "es"},
	}
	text := mum
	text.Address = &domain.Address{Channel: domain.SMS, To: w.anaPhone}
	for range 2 {
		accepted, err := one.Accept(t.Context(), []domain.Proposal{text, mum, mum})
		if err != nil || accepted.Accepted != 2 || !slices.Equal(accepted.NoChannel, []int{0}) {
			t.Fatalf("accepted %+v, %v", accepted, err)
		}
	}
	w.expect(t, "one mail", 0, 0, 1)
	if p := w.mails.Taken()[0]; p.To.Address != "mum@example.com" || p.To.Locale != "es" || p.Text != "She has named you.\n\nhttps://x.example/track#1" || p.Title != "Ana needs help" {
		t.Errorf("mail %+v", p)
	}
	log, _, err := one.DeliveriesOf(t.Context(), "event", domain.Position{}, 10)
	if err != nil || len(log) != 1 || log[0].ShownAs != "m•••@example.com" {
		t.Errorf("the log says %+v, %v", log, err)
	}
}

func TestWithNothingToSendByNothingIsPlanned(t *testing.T) {
	t.Parallel()
	w := newWorld()
	one := w.start(t, quick())
	for _, p := range []domain.Priority{domain.Critical, domain.Low} {
		one.notify(newUser(), p)
	}
	for _, urgent := range []bool{true, false} {
		if claim, err := w.store.ClaimHops(t.Context(), urgent, ports.Claiming{Limit: 10, Lease: time.Second}); err != nil || len(claim.Plans) != 0 {
			t.Errorf("%d plans, %v", len(claim.Plans), err)
		}
	}
}
