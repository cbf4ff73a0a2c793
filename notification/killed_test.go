package notification_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/loveapp/backend/notification"
	"github.com/loveapp/backend/notification/internal/providertest"
	"github.com/loveapp/backend/shared/event"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/postgres/pgtest"
)

// snare holds what an instance asks for, and tells which one it is.
type snare struct {
	caught chan int // which instance is held

	mu    sync.Mutex
	armed bool
	free  map[int]chan struct{} // closed when that one may go on
}

func newSnare(instances int) *snare {
	s := &snare{caught: make(chan int, 100), free: map[int]chan struct{}{}}
	for i := range instances {
		s.free[i] = make(chan struct{})
	}
	return s
}

func (s *snare) arm() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.armed = true
}

// next is who is held.
func (s *snare) next(t *testing.T) int {
	t.Helper()
	select {
	case i := <-s.caught:
		return i
	case <-time.After(time.Minute):
		t.Fatal("nobody takes it up")
		return 0
	}
}

// release lets all go but one, which never will.
func (s *snare) release(but int) {
	for i, free := range s.free {
		if i != but {
			close(free)
		}
	}
}

// hold is false where the instance has gone meanwhile.
func (s *snare) hold(r *http.Request, i int) bool {
	s.mu.Lock()
	armed := s.armed
	s.mu.Unlock()
	if !armed {
		return true
	}
	select {
	case s.caught <- i:
	default:
	}
	select {
	case <-s.free[i]:
		return true
	case <-r.Context().Done():
		return false
	}
}

// An instance is killed with a step in its hands, and the next one with the
// message that came of it: it takes three to tell her, and she is told once. Nobody
// moves the clock: what the dead have not kept is the others' within a second.
func TestWhoeverIsKilledWithAStepInHandAnotherTakesIt(t *testing.T) {
	t.Parallel()
	const instances = 3
	c := newCluster(t)
	admin := pgtest.Admin(t, c.database)
	push, text := providertest.NewWebPush(t), providertest.NewSMS(t)
	plans, messages := newSnare(instances), newSnare(instances)
	children := c.snared(text, plans, messages)
	ana := newID()
	children[0].subscribe(push, ana)

	children[0].notify(ana, "critical")
	eventually.True(t, "no socket is open: a push at once", func() bool { return len(push.Pushes()) == 1 })
	plans.arm()
	messages.arm()
	if _, err := admin.ExecContext(t.Context(), `UPDATE notification.hops SET due_at = now()`); err != nil { // the 20 seconds are over
		t.Fatal(err)
	}
	holder := plans.next(t)
	children[holder].kill()
	plans.release(holder)
	sender := messages.next(t)
	children[sender].kill()
	messages.release(sender)
	eventually.True(t, "a text from the last one", func() bool { return len(text.Seen()) == 1 })
	eventually.True(t, "nothing is left to be sent", func() bool {
		var waiting, sent int
		err := admin.QueryRowContext(t.Context(), `SELECT (SELECT count(*) FROM notification.hops) + count(*) FILTER (WHERE state = 'waiting'),
			count(*) FILTER (WHERE state = 'sent') FROM notification.deliveries`).Scan(&waiting, &sent)
		return err == nil && waiting == 0 && sent == 2
	})
	if pushes, texts := len(push.Pushes()), len(text.Seen()); pushes != 1 || texts != 1 {
		t.Errorf("she was told by %d pushes and %d texts", pushes, texts)
	}
}

// snared are instances each of which has an auth and a way to the text service
// of its own, so that it is known who asks.
func (c *cluster) snared(text *providertest.SMS, plans, messages *snare) []*child {
	c.tb.Helper()
	public, private, err := notification.NewVAPIDKeys()
	if err != nil {
		c.tb.Fatal(err)
	}
	var children []*child
	for i := range len(plans.free) {
		a := newAuth(c.tb)
		a.people = func(w http.ResponseWriter, r *http.Request) {
			var question event.UserLookup
			_ = json.NewDecoder(r.Body).Decode(&question)
			if plans.hold(r, i) {
				answerLookup(w, question)
			}
		}
		front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_ = r.ParseForm() // all of it is read: only then is a hang-up noticed
			if messages.hold(r, i) {
				text.ServeHTTP(w, r)
			}
		}))
		c.tb.Cleanup(func() { front.CloseClientConnections(); front.Close() })
		children = append(children, c.spawn(a,
			"VAPID_PUBLIC_KEY="+public, "VAPID_PRIVATE_KEY="+private.Value(), "VAPID_SUBJECT=ops@example.org",
			"TWILIO_ACCOUNT_SID="+text.AccountSID, "TWILIO_AUTH_TOKEN="+text.AuthToken, "TWILIO_FROM="+text.From, "TWILIO_BASE_URL="+front.URL))
	}
	return children
}

func answerLookup(w http.ResponseWriter, question event.UserLookup) {
	answer := event.Users{Items: []event.User{}}
	for _, id := range question.IDs {
		answer.Items = append(answer.Items, event.User{ID: id, Phone: "+4915112345678", PhoneVerified: true, Locale: "en", Active: true})
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// subscribe gives the user a browser that takes pushes.
func (i *instance) subscribe(push *providertest.WebPush, user string) {
	i.tb.Helper()
	s := push.Subscription
	body := map[string]any{"installationId": "browser", "provider": "webpush", "subscription": map[string]any{
		"endpoint": s.Endpoint, "keys": map[string]string{"p256dh": s.P256DH, "auth": s.Auth},
	}}
	if status, answer := i.do(http.MethodPost, "/v1/notifications/devices", i.auth.token(user, newID()), body); status != http.StatusCreated {
		i.tb.Fatalf("subscribe: %d %s", status, answer)
	}
}
