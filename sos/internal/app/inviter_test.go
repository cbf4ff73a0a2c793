package app_test

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loveapp/backend/sos/internal/adapters/memory"
	"github.com/loveapp/backend/sos/internal/app"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// invite names somebody as a contact and runs what asks them.
func invite(t *testing.T, h house) *memory.Notifier {
	t.Helper()
	n := &memory.Notifier{}
	inviteOver(t, h, n)
	return n
}

func inviteOver(t *testing.T, h house, n *memory.Notifier) {
	t.Helper()
	v, err := app.NewInviter(app.InviterConfig{Questions: h.store, Post: h.post, Notifier: n, People: h.store, Directory: h.directory, Links: h.links, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	runUntilTheEnd(t, v.Run)
	name, phone, locale := "Gran", "+4915112345678", "es"
	if _, err := h.Invite(t.Context(), "ann", domain.ContactDetails{Name: &name, Phone: &phone, Locale: &locale}, ports.Repeatable{}); err != nil {
		t.Fatal(err)
	}
}

func TestWhoIsNamedIsAskedOnceAndByTheLinkTheyAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		h.directory.Set("ann", "Ann")
		invite(t, h)
		pass(time.Minute)
		synctest.Wait()
		letters := h.post.Taken()
		if len(letters) != 1 || letters[0].To != (domain.Mailbox{Channel: domain.BySMS, To: "+4915112345678", Locale: "es"}) || letters[0].Request.OwnerName != "Ann" {
			t.Fatalf("asked: %+v", letters)
		}
		token, isLink := strings.CutPrefix(letters[0].URL, "https://love.example/consent#")
		if a, err := h.Consent(t.Context(), token, true); !isLink || err != nil || a.Status != domain.Active {
			t.Errorf("answered: %+v (%v)", a, err)
		}
	})
}

func TestWhoHasVerifiedTheAddressHearsOfItInTheApp(t *testing.T) {
	t.Parallel()
	for name, hinder := range map[string]func(h house, n *memory.Notifier, err error){
		"at once":              func(house, *memory.Notifier, error) {},
		"once auth is back":    func(h house, _ *memory.Notifier, err error) { h.directory.Fail(err) },
		"once it can be told":  func(_ house, n *memory.Notifier, err error) { n.Fail(err) },
		"while no letter goes": func(h house, _ *memory.Notifier, err error) { h.post.Fail(err) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h, n := newHouse(t, nil), &memory.Notifier{}
				h.directory.Set("ann", "Ann")
				h.names.Ensure(t.Context(), "ann")
				for _, holder := range []domain.UserID{"ann", "gran"} { // Ann invites somebody in her own house
					h.directory.Verify(holder, domain.Addresses{Phone: "+4915112345678"})
				}
				h.directory.Verify("eve", domain.Addresses{Phone: "+4915112345679"})
				hinder(h, n, errDown)
				inviteOver(t, h, n)
				pass(time.Minute)
				hinder(h, n, nil)
				pass(10 * time.Minute)
				synctest.Wait()
				told := n.Taken()
				if len(told) != 1 || told[0].Recipient != "gran" || told[0].Kind != domain.AlertInvited || told[0].Reporter() != "Ann" {
					t.Errorf("told: %+v", told)
				}
				if letters := h.post.Taken(); len(letters) != 1 {
					t.Errorf("%d letters", len(letters))
				}
			})
		})
	}
}

func TestALetterGoesThoughTheAppIsNotTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, n := newHouse(t, nil), &memory.Notifier{}
		h.directory.Verify("gran", domain.Addresses{Phone: "+4915112345678"})
		n.Refuse(func(domain.Alert) bool { return true })
		inviteOver(t, h, n)
		pass(10 * time.Minute)
		synctest.Wait()
		if letters := h.post.Taken(); len(letters) != 1 || n.Offered() != 1 {
			t.Errorf("%d letters, %d alerts offered", len(letters), n.Offered())
		}
	})
}

func TestAQuestionIsAskedUntilItIsTaken(t *testing.T) {
	t.Parallel()
	for name, hindrance := range map[string]func(h house, on bool){
		"nobody takes it": func(h house, on bool) { h.post.Fail(map[bool]error{true: errDown}[on]) },
		"no channel":      func(h house, on bool) { h.post.Close(domain.BySMS, on) },
		"no database":     func(h house, on bool) { h.store.SetAway(on) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, nil)
				invite(t, h)
				hindrance(h, true)
				pass(5 * time.Minute)
				if n := len(h.post.Taken()); n != 0 {
					t.Fatalf("%d letters", n)
				}
				hindrance(h, false)
				pass(2 * time.Minute)
				synctest.Wait()
				if n := len(h.post.Taken()); n != 1 {
					t.Errorf("%d letters", n)
				}
			})
		})
	}
}

func TestAQuestionThatIsRefusedIsNotAskedAllTheTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, asked := newHouse(t, nil), 0
		h.post.Refuse(func(domain.Letter) bool { asked++; return true })
		invite(t, h)
		pass(20 * time.Minute)
		synctest.Wait()
		if asked != 1 {
			t.Errorf("asked %d times", asked)
		}
	})
}
