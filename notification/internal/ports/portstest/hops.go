package portstest

import (
	"slices"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/idgen"
)

// Queues is a store to test as far as it follows notifications up, and what only
// its maker can do with it.
type Queues struct {
	ports.Store
	// Devices and Preferences are of the same database.
	Devices     ports.Devices
	Preferences ports.Preferences
	// Pass lets time pass for what the store keeps.
	Pass func(t *testing.T, by time.Duration)
}

// FollowUp tests an adapter of ports.Hops, ports.Deliveries and ports.Schedule.
func FollowUp(t *testing.T, open func(*testing.T) Queues) {
	t.Helper()
	run(t, open, scheduleTests())
	run(t, open, map[string]func(*testing.T, Queues){
		"a draft without a follow-up is never due":            nothingPlanned,
		"a plan is due at its time, and once":                 planDue,
		"a repeat plans nothing":                              planOnce,
		"what could not be sent anyway is not planned":        plannedWhereReachable,
		"what was seen in any way is not followed up":         seenIsOver,
		"what has expired is not followed up":                 expiredIsOver,
		"a plan moves on and comes to its end":                planMoves,
		"a lease that ended gives the plan to somebody else":  takenOver,
		"who takes nobody for dead leaves what has lapsed":    lapsedLeft,
		"what is kept is nobody else's":                       keptHeld,
		"what was taken over or finished cannot be kept":      keptTooLate,
		"an ack while a step is decided cancels it":           ackMeanwhile,
		"a step delivers to each target once":                 onceToEach,
		"a claimed delivery has all that it takes to send it": workComplete,
		"an ack cancels what has not been sent":               ackCancels,
		"a delivery that expired is not sent":                 deliveryExpires,
		"a failed attempt is tried again after its pause":     triedAgain,
		"what is sent is sent, whoever holds the lease":       sentIsSent,
		"a letter goes out once and leaves no address":        letterOnce,
		"queues are apart":                                    queuesApart,
		"dead letters are listed and replayed":                deadLetters,
		"the log is listed in pages":                          logInPages,
		"what is old is forgotten":                            forgotten,
		"of a user who was erased nothing goes out any more":  erasedWithQueues,
	})
}

// followed is an entry that is followed up by these steps, at once.
func followed(user domain.UserID, p domain.Priority, steps ...domain.Channel) domain.Entry {
	d := draft(idgen.NewV7())
	d.Priority, d.FollowUp = p, steps
	return to(d, user)[0]
}

func planned(t *testing.T, s Queues, e domain.Entry) domain.Notification {
	t.Helper()
	givePhone(t, s, e.User)
	fresh, err := s.Insert(t.Context(), []domain.Entry{e})
	if err != nil || len(fresh) != 1 {
		t.Fatalf("%d are stored, %v", len(fresh), err)
	}
	return fresh[0]
}

const lease = 10 * time.Second

var everything = ports.Claiming{Limit: 100, Lease: lease, Lapsed: true}

func claimPlans(t *testing.T, s Queues, urgent bool, want int) ports.HopClaim {
	t.Helper()
	claim, err := s.ClaimHops(t.Context(), urgent, everything)
	if err != nil || len(claim.Plans) != want {
		t.Fatalf("%d plans are due, want %d: %v", len(claim.Plans), want, err)
	}
	return claim
}

func advance(t *testing.T, s Queues, lease string, moves ...domain.Advance) {
	t.Helper()
	if err := s.Advance(t.Context(), lease, moves); err != nil {
		t.Fatal(err)
	}
}

var fcm = ports.Queue{Provider: domain.FCM}

func claimWorks(t *testing.T, s Queues, q ports.Queue, want int) ports.DeliveryClaim {
	t.Helper()
	claim, err := s.ClaimDeliveries(t.Context(), q, everything)
	if err != nil || len(claim.Works) != want {
		t.Fatalf("%d deliveries are due, want %d: %v", len(claim.Works), want, err)
	}
	return claim
}

func settle(t *testing.T, s Queues, lease string, outcomes ...domain.Outcome) {
	t.Helper()
	if err := s.Settle(t.Context(), lease, outcomes); err != nil {
		t.Fatal(err)
	}
}

func pushTo(device string) domain.NewDelivery {
	return domain.NewDelivery{
		ID: domain.DeliveryID(idgen.NewV7()), To: domain.Target{Channel: domain.Push, Provider: domain.FCM, Device: domain.DeviceID(device)},
		Locale: "fr", Bypassed: true,
	}
}

// queued puts a notification whose push is due.
func queued(t *testing.T, s Queues, e domain.Entry) (domain.Notification, domain.NewDelivery) {
	t.Helper()
	n := planned(t, s, e)
	claim := claimPlans(t, s, n.Urgent(), 1)
	d := pushTo(idgen.NewV7())
	advance(t, s, claim.Lease, domain.Advance{Plan: claim.Plans[0], Deliveries: []domain.NewDelivery{d}})
	return n, d
}

func nothingPlanned(t *testing.T, s Queues) {
	planned(t, s, to(draft("event"), newUser())[0])
	claimPlans(t, s, false, 0)
	claimPlans(t, s, true, 0)
}

func planDue(t *testing.T, s Queues) {
	user := newUser()
	e := followed(user, domain.High, domain.Push, domain.SMS)
	e.Draft.FollowAfter, e.Draft.Channels = 5*time.Second, []string{"push", "sms"}
	n := planned(t, s, e)
	claimPlans(t, s, false, 0)
	s.Pass(t, 6*time.Second)
	claimPlans(t, s, true, 0)
	p := claimPlans(t, s, false, 1).Plans[0]
	if p.Notification != n.ID || p.User != user || p.Event != e.Draft.EventID || p.Category != n.Category || p.Priority != n.Priority ||
		!slices.Equal(p.Steps, []domain.Channel{domain.Push, domain.SMS}) || !p.Named || p.Looked || p.Late < 0 || p.Late > time.Minute || p.Now.IsZero() {
		t.Errorf("plan %+v", p)
	}
	claimPlans(t, s, false, 0)
}

func planOnce(t *testing.T, s Queues) {
	e := followed(newUser(), domain.Critical, domain.Push)
	planned(t, s, e)
	if fresh, err := s.Insert(t.Context(), []domain.Entry{e}); err != nil || len(fresh) != 0 {
		t.Fatalf("the repeat stored %d, %v", len(fresh), err)
	}
	claim := claimPlans(t, s, true, 1)
	advance(t, s, claim.Lease, domain.Advance{Plan: claim.Plans[0]})
	if _, err := s.Insert(t.Context(), []domain.Entry{e}); err != nil {
		t.Fatal(err)
	}
	s.Pass(t, time.Hour)
	claimPlans(t, s, true, 0)
}

func seenIsOver(t *testing.T, s Queues) {
	user := newUser()
	for name, see := range map[string]func(domain.Notification) error{
		"acknowledged":     func(n domain.Notification) error { return s.AckIDs(t.Context(), []domain.Ack{{User: user, ID: n.ID}}) },
		"acknowledged all": func(n domain.Notification) error { return s.AckThrough(t.Context(), user, n.Seq) },
		"read": func(n domain.Notification) error {
			_, _, err := s.Mark(t.Context(), user, n.ID, domain.Read)
			return err
		},
		"deleted": func(n domain.Notification) error {
			_, _, err := s.Mark(t.Context(), user, n.ID, domain.Deleted)
			return err
		},
	} {
		n := planned(t, s, followed(user, domain.High, domain.Push))
		if err := see(n); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		claimPlans(t, s, false, 0)
	}
	s.Pass(t, time.Hour)
	claimPlans(t, s, false, 0)
}

func expiredIsOver(t *testing.T, s Queues) {
	e := followed(newUser(), domain.High, domain.Push)
	soon := time.Now().Add(time.Minute)
	e.Draft.ExpiresAt = &soon
	planned(t, s, e)
	s.Pass(t, 2*time.Minute)
	claimPlans(t, s, false, 0)
}

func planMoves(t *testing.T, s Queues) {
	planned(t, s, followed(newUser(), domain.Critical, domain.Push, domain.SMS))
	claim := claimPlans(t, s, true, 1)
	advance(t, s, claim.Lease, domain.Advance{Plan: claim.Plans[0], Steps: []domain.Channel{domain.SMS}, Looked: true, After: 20 * time.Second})
	s.Pass(t, 15*time.Second)
	claimPlans(t, s, true, 0)
	s.Pass(t, 10*time.Second)
	claim = claimPlans(t, s, true, 1)
	if p := claim.Plans[0]; !p.Looked || !slices.Equal(p.Steps, []domain.Channel{domain.SMS}) || p.Late < 4*time.Second {
		t.Errorf("plan %+v", p)
	}
	advance(t, s, claim.Lease, domain.Advance{Plan: claim.Plans[0]})
	s.Pass(t, time.Hour)
	claimPlans(t, s, true, 0)
}

func takenOver(t *testing.T, s Queues) {
	planned(t, s, followed(newUser(), domain.Critical, domain.Push))
	first := claimPlans(t, s, true, 1)
	s.Pass(t, lease+time.Second)
	second := claimPlans(t, s, true, 1)
	advance(t, s, first.Lease, domain.Advance{Plan: first.Plans[0], Deliveries: []domain.NewDelivery{pushTo(idgen.NewV7())}})
	claimWorks(t, s, ports.Queue{Provider: domain.FCM, Urgent: true}, 0)
	advance(t, s, second.Lease, domain.Advance{Plan: second.Plans[0], Deliveries: []domain.NewDelivery{pushTo(idgen.NewV7())}})
	claimWorks(t, s, ports.Queue{Provider: domain.FCM, Urgent: true}, 1)
}

func ackMeanwhile(t *testing.T, s Queues) {
	n := planned(t, s, followed(newUser(), domain.Critical, domain.Push))
	claim := claimPlans(t, s, true, 1)
	if err := s.AckIDs(t.Context(), []domain.Ack{{User: n.User, ID: n.ID}}); err != nil {
		t.Fatal(err)
	}
	advance(t, s, claim.Lease, domain.Advance{Plan: claim.Plans[0], Deliveries: []domain.NewDelivery{pushTo(idgen.NewV7())}})
	claimWorks(t, s, ports.Queue{Provider: domain.FCM, Urgent: true}, 0)
}

func onceToEach(t *testing.T, s Queues) {
	planned(t, s, followed(newUser(), domain.High, domain.Push, domain.SMS))
	claim := claimPlans(t, s, false, 1)
	d := pushTo(idgen.NewV7())
	same := domain.Advance{Plan: claim.Plans[0], Deliveries: []domain.NewDelivery{d}, Steps: []domain.Channel{domain.SMS}}
	advance(t, s, claim.Lease, same)
	s.Pass(t, time.Second)
	claim = claimPlans(t, s, false, 1)
	same.Steps = nil
	advance(t, s, claim.Lease, same)
	claimWorks(t, s, fcm, 1)
}

func workComplete(t *testing.T, s Queues) {
	e := followed(newUser(), domain.High, domain.Push)
	e.Draft.Trace = "00-x-01"
	n, d := queued(t, s, e)
	w := claimWorks(t, s, fcm, 1).Works[0]
	if n.Trace != "00-x-01" || w.Trace != n.Trace {
		t.Errorf("the trace is %q, and %q of what is sent", n.Trace, w.Trace)
	}
	if backlog, err := s.Since(t.Context(), n.User, 0, n.Seq, 1); err != nil || backlog.Items[0].Trace != n.Trace {
		t.Errorf("read again it has none: %+v, %v", backlog, err)
	}
	if w.ID != d.ID || w.Notification != n.ID || w.User != n.User || w.Seq != n.Seq || w.Provider != domain.FCM || w.Device != d.To.Device || w.Locale != "fr" ||
		w.Category != n.Category || w.Priority != n.Priority || w.Title != n.Title || w.Body != n.Body || len(w.Data) == 0 || w.Attempt != 1 || w.Age < 0 {
		t.Errorf("work %+v", w)
	}
	claimWorks(t, s, fcm, 0)
}

func ackCancels(t *testing.T, s Queues) {
	n, d := queued(t, s, followed(newUser(), domain.High, domain.Push))
	if err := s.AckThrough(t.Context(), n.User, n.Seq); err != nil {
		t.Fatal(err)
	}
	if claim := claimWorks(t, s, fcm, 0); claim.Dropped != 1 {
		t.Errorf("%d were dropped", claim.Dropped)
	}
	wantState(t, s, n, d.ID, domain.Cancelled)
}

func deliveryExpires(t *testing.T, s Queues) {
	e := followed(newUser(), domain.High, domain.Push)
	soon := time.Now().Add(time.Minute)
	e.Draft.ExpiresAt = &soon
	n, d := queued(t, s, e)
	s.Pass(t, 2*time.Minute)
	claimWorks(t, s, fcm, 0)
	wantState(t, s, n, d.ID, domain.Expired)
}

func wantState(t *testing.T, s Queues, n domain.Notification, id domain.DeliveryID, want domain.DeliveryState) domain.Delivery {
	t.Helper()
	log, err := s.OfEvent(t.Context(), string(n.ID), domain.Position{}, 10)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(log, func(d domain.Delivery) bool { return d.ID == id })
	if i < 0 || log[i].State != want || (log[i].SettledAt == nil) != (want == domain.Waiting) {
		t.Fatalf("the log says %+v, want %s", log, want)
	}
	return log[i]
}

func triedAgain(t *testing.T, s Queues) {
	n, d := queued(t, s, followed(newUser(), domain.High, domain.Push))
	claim := claimWorks(t, s, fcm, 1)
	settle(t, s, claim.Lease, domain.Outcome{ID: d.ID, State: domain.Waiting, After: 30 * time.Second, Code: "503"})
	if got := wantState(t, s, n, d.ID, domain.Waiting); got.Code != "503" || got.Attempts != 1 {
		t.Errorf("the log says %+v", got)
	}
	claimWorks(t, s, fcm, 0)
	s.Pass(t, 31*time.Second)
	claim = claimWorks(t, s, fcm, 1)
	if w := claim.Works[0]; w.Attempt != 2 || w.Age < 30*time.Second {
		t.Errorf("work %+v", w)
	}
	settle(t, s, claim.Lease, domain.Outcome{ID: d.ID, State: domain.Waiting, Uncounted: true})
	s.Pass(t, time.Second)
	if w := claimWorks(t, s, fcm, 1).Works[0]; w.Attempt != 2 {
		t.Errorf("an attempt that was none is counted: %d", w.Attempt)
	}
}

func sentIsSent(t *testing.T, s Queues) {
	n, d := queued(t, s, followed(newUser(), domain.High, domain.Push))
	first := claimWorks(t, s, fcm, 1)
	s.Pass(t, lease+time.Second)
	claimWorks(t, s, fcm, 1)
	settle(t, s, first.Lease, domain.Outcome{ID: d.ID, State: domain.Dead})
	wantState(t, s, n, d.ID, domain.Waiting)
	settle(t, s, first.Lease, domain.Outcome{ID: d.ID, State: domain.Sent, ProviderID: "name"})
	if got := wantState(t, s, n, d.ID, domain.Sent); got.ProviderID != "name" || !got.Bypassed || got.Device != d.To.Device {
		t.Errorf("the log says %+v", got)
	}
	s.Pass(t, time.Hour)
	claimWorks(t, s, fcm, 0)
}

var mail = ports.Queue{Provider: domain.SMTP}

func letter(event string) domain.Letter {
	d := draft("letter")
	d.EventID, d.Priority, d.Address = event, domain.High, &domain.Address{Channel: domain.Email, To: "mum@example.com", Locale: "es"}
	return domain.Letter{ID: domain.DeliveryID(idgen.V5(event, "mum")), Provider: domain.SMTP, Draft: &d}
}

func letterOnce(t *testing.T, s Queues) {
	event := idgen.NewV7()
	for range 2 {
		if err := s.Post(t.Context(), []domain.Letter{letter(event)}); err != nil {
			t.Fatal(err)
		}
	}
	claim := claimWorks(t, s, mail, 1)
	w := claim.Works[0]
	if w.Address != "mum@example.com" || w.Locale != "es" || w.Title != letter(event).Draft.Title || w.Notification != "" || w.User != "" {
		t.Errorf("work %+v", w)
	}
	settle(t, s, claim.Lease, domain.Outcome{ID: w.ID, State: domain.Sent})
	if err := s.Post(t.Context(), []domain.Letter{letter(event)}); err != nil {
		t.Fatal(err)
	}
	claimWorks(t, s, mail, 0)
	log, err := s.OfEvent(t.Context(), event, domain.Position{}, 10)
	if err != nil || len(log) != 1 || log[0].ShownAs != "m•••@example.com" || log[0].State != domain.Sent {
		t.Errorf("the log says %+v, %v", log, err)
	}
}

func queuesApart(t *testing.T, s Queues) {
	queued(t, s, followed(newUser(), domain.Critical, domain.Push))
	if err := s.Post(t.Context(), []domain.Letter{letter(idgen.NewV7())}); err != nil {
		t.Fatal(err)
	}
	due, err := s.Due(t.Context(), []domain.Provider{domain.FCM, domain.SMTP, domain.Twilio})
	if err != nil || len(due) != 2 || !slices.Contains(due, ports.Queue{Provider: domain.FCM, Urgent: true}) || !slices.Contains(due, mail) {
		t.Errorf("due: %v, %v", due, err)
	}
	claimWorks(t, s, fcm, 0)
	claimWorks(t, s, ports.Queue{Provider: domain.FCM, Urgent: true}, 1)
	claimWorks(t, s, mail, 1)
	if due, err := s.Due(t.Context(), []domain.Provider{domain.FCM, domain.SMTP}); err != nil || len(due) != 0 {
		t.Errorf("due while all is leased: %v, %v", due, err)
	}
}

func deadLetters(t *testing.T, s Queues) {
	var ids []domain.DeliveryID
	for range 3 {
		l := letter(idgen.NewV7())
		ids = append(ids, l.ID)
		if err := s.Post(t.Context(), []domain.Letter{l}); err != nil {
			t.Fatal(err)
		}
		claim := claimWorks(t, s, mail, 1)
		settle(t, s, claim.Lease, domain.Outcome{ID: l.ID, State: domain.Dead, Code: "550"})
		s.Pass(t, time.Second)
	}
	page, err := s.DeadLetters(t.Context(), domain.Position{}, 2)
	if err != nil || len(page) != 2 || page[0].ID != ids[2] || page[1].ID != ids[1] || page[0].Code != "550" {
		t.Fatalf("%+v, %v", page, err)
	}
	rest, err := s.DeadLetters(t.Context(), domain.Position{At: *page[1].SettledAt, ID: page[1].ID}, 2)
	if err != nil || len(rest) != 1 || rest[0].ID != ids[0] {
		t.Fatalf("the rest: %+v, %v", rest, err)
	}
	if d, err := s.Replay(t.Context(), ids[1]); err != nil || d.State != domain.Waiting || d.Attempts != 0 {
		t.Fatalf("replayed: %+v, %v", d, err)
	}
	if w := claimWorks(t, s, mail, 1).Works[0]; w.ID != ids[1] || w.Address == "" || w.Attempt != 1 || w.Age > time.Second {
		t.Errorf("work %+v", w)
	}
	if _, err := s.Replay(t.Context(), ids[1]); fault.From(err) == nil || fault.From(err).Code != domain.ErrNotDead.Code {
		t.Errorf("replayed twice: %v", err)
	}
	if _, err := s.Replay(t.Context(), domain.DeliveryID(idgen.NewV7())); fault.From(err) == nil || fault.From(err).Kind != fault.NotFound {
		t.Errorf("nothing is replayed: %v", err)
	}
}

func logInPages(t *testing.T, s Queues) {
	n := planned(t, s, followed(newUser(), domain.High, domain.Push))
	claim := claimPlans(t, s, false, 1)
	move := domain.Advance{Plan: claim.Plans[0]}
	for range 3 {
		move.Deliveries = append(move.Deliveries, pushTo(idgen.NewV7()))
	}
	advance(t, s, claim.Lease, move)
	seen := map[domain.DeliveryID]bool{}
	var at domain.Position
	for range 3 {
		page, err := s.OfEvent(t.Context(), string(n.ID), at, 1)
		if err != nil || len(page) != 1 {
			t.Fatalf("%+v, %v", page, err)
		}
		seen[page[0].ID] = true
		at = domain.Position{At: page[0].CreatedAt, ID: page[0].ID}
	}
	if page, err := s.OfEvent(t.Context(), string(n.ID), at, 1); err != nil || len(page) != 0 || len(seen) != 3 {
		t.Errorf("%d seen, then %+v, %v", len(seen), page, err)
	}
	if _, err := s.OfEvent(t.Context(), idgen.NewV7(), domain.Position{}, 1); fault.From(err) == nil || fault.From(err).Kind != fault.NotFound {
		t.Errorf("of nothing: %v", err)
	}
	if page, err := s.OfEvent(t.Context(), claim.Plans[0].Event, domain.Position{}, 9); err != nil || len(page) != 3 {
		t.Errorf("of the event: %d, %v", len(page), err)
	}
}

func forgotten(t *testing.T, s Queues) {
	dead, sent := letter(idgen.NewV7()), letter(idgen.NewV7())
	if err := s.Post(t.Context(), []domain.Letter{dead, sent}); err != nil {
		t.Fatal(err)
	}
	claim := claimWorks(t, s, mail, 2)
	settle(t, s, claim.Lease, domain.Outcome{ID: dead.ID, State: domain.Dead}, domain.Outcome{ID: sent.ID, State: domain.Sent})
	forget := func(want int) {
		t.Helper()
		if n, err := s.Forget(t.Context(), 3*time.Hour, time.Hour, 100); err != nil || n != want {
			t.Fatalf("%d forgotten, want %d: %v", n, want, err)
		}
	}
	forget(0)
	s.Pass(t, 2*time.Hour)
	forget(1)
	if _, err := s.Replay(t.Context(), dead.ID); fault.From(err) == nil || fault.From(err).Code != domain.ErrNotDead.Code {
		t.Errorf("replayed without an address: %v", err)
	}
	s.Pass(t, 2*time.Hour)
	forget(2)
}
