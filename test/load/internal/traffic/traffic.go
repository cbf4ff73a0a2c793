// Package traffic does what people do with the app: one request for most, and
// for some a story of several.
package traffic

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/loveapp/backend/test/load/internal/client"
	"github.com/loveapp/backend/test/load/internal/crowd"
	"github.com/loveapp/backend/test/load/internal/ledger"
	"github.com/loveapp/backend/test/load/internal/people"
	"github.com/loveapp/backend/test/load/internal/score"
)

// patience is what clients have: they give up after 5 s.
const patience = 5 * time.Second

// Delivery is the kind under which the board has the way of messages to sockets.
type Delivery = string

// The deliveries: all from when the request that caused them should have left.
const (
	AnnouncementHeard Delivery = "announcement → socket"
	AlarmHeard        Delivery = "alarm → contact's socket"
	// AlarmTaken has in it what it took to send a call for help again.
	AlarmTaken Delivery = "alarm → taken, whatever the number of tries"
)

// Config is who acts. Persons is required; the rest where the mix needs it.
type Config struct {
	Mix       Mix
	Seed      uint64
	Phone     func(n int) *client.Phone
	Persons   []people.Person // ask for what needs no account
	Admins    []people.Person // send announcements
	Listeners []people.Person // of the persons, those who have a socket: they get them
	Accounts  []people.Account
	// Circles are the first accounts: in each, the Reporters who call for help, then the Helpers who hear them.
	Circles, Reporters, Helpers int
	Requests                    *score.Board
	Deliveries                  *score.Board
}

// Traffic is everybody. Send is called from one goroutine, Shown from any.
type Traffic struct {
	cfg    Config
	deck   deck
	table  []Share
	chance *rand.Rand
	acting sync.WaitGroup
	posted *ledger.Ledger
	shown  shelf

	accounts []*account
	circles  chan circle
	calls    calls
}

// circle is somebody and the contacts they trust.
type circle struct {
	reporter *account
	helpers  []*account
}

// action is what one arrival leads to.
type action func(t *Traffic, ctx context.Context, turn turn)

// turn is one arrival: when it should have happened, and a number that chooses who.
type turn struct {
	due  time.Time
	pick uint64
}

func among[T any](all []T, pick uint64) T { return all[pick%uint64(len(all))] }

// New refuses a mix that the people at hand cannot act.
func New(cfg Config) (*Traffic, error) {
	table, err := cfg.Mix.Table()
	if err != nil {
		return nil, err
	}
	d, err := newDeck(table, actions())
	if err != nil {
		return nil, err
	}
	if cfg.Phone == nil || cfg.Requests == nil || cfg.Deliveries == nil || len(cfg.Persons) == 0 {
		return nil, errors.New("traffic: phones, boards and persons are required")
	}
	if cfg.Mix == App && (len(cfg.Admins) == 0 || len(cfg.Listeners) == 0 || len(cfg.Accounts) == 0) {
		return nil, errors.New("traffic: the mix of the app needs admins, listeners and accounts")
	}
	if cfg.Mix.Calls() && (cfg.Circles < 1 || cfg.Reporters < 1 || cfg.Helpers < 1 || cfg.Circles*(cfg.Reporters+cfg.Helpers) > len(cfg.Accounts)) {
		return nil, errors.New("traffic: alarms need at least one circle of accounts")
	}
	t := &Traffic{
		cfg: cfg, deck: d, table: table, posted: ledger.New(), circles: make(chan circle, cfg.Circles*cfg.Reporters),
		chance: rand.New(rand.NewPCG(cfg.Seed, 1)),
	}
	for _, a := range cfg.Accounts {
		t.accounts = append(t.accounts, newAccount(a))
	}
	if cfg.Mix.Calls() {
		t.gather()
	}
	return t, nil
}

// gather puts the circles in a row, so that those who call one after the other trust different people.
func (t *Traffic) gather() {
	size := t.cfg.Reporters + t.cfg.Helpers
	for i := range t.cfg.Reporters {
		for one := range slices.Chunk(t.accounts[:t.cfg.Circles*size], size) {
			t.circles <- circle{one[i], one[t.cfg.Reporters:]}
		}
	}
}

// Send has somebody do something that should begin at due, and does not wait for it.
func (t *Traffic) Send(ctx context.Context, due time.Time) {
	act, now := t.deck[t.chance.IntN(whole)], turn{due: due, pick: t.chance.Uint64()}
	t.acting.Go(func() { act(t, ctx, now) })
}

// Wait waits until everybody is done.
func (t *Traffic) Wait() { t.acting.Wait() }

// ask sends one request and notes how it went. wanted are the statuses that are right.
func (t *Traffic) ask(ctx context.Context, name string, due time.Time, phone int, r client.Request, wanted ...int) (client.Answer, bool) {
	answer, err := t.cfg.Phone(phone).Do(ctx, r, due.Add(patience))
	fault := client.FaultOf(err)
	if err == nil && !slices.Contains(wanted, answer.Status) {
		fault = client.StatusFault(answer.Status)
	}
	if errors.Is(err, context.Canceled) {
		return answer, false // stopped: nobody waits for it
	}
	t.cfg.Requests.Add(name, due, time.Now(), fault)
	return answer, fault == ""
}

func (t *Traffic) get(ctx context.Context, name string, due time.Time, p people.Person, path string) {
	t.ask(ctx, name, due, p.Phone, client.Request{Method: http.MethodGet, Path: path, Token: p.Token}, http.StatusOK)
}

// Shown takes what the crowd's sockets show.
func (t *Traffic) Shown(to people.Person, n crowd.Notification, at time.Time) {
	t.shown.put(showing{to, n.ID})
	ref, delivery := n.Data.Ref, AnnouncementHeard
	if n.Data.Kind == alarmKind {
		ref, delivery = n.Data.TicketID, AlarmHeard
	}
	if due, first := t.posted.Heard(ref, to.ID); first {
		t.cfg.Deliveries.Add(delivery, due, at, "")
	}
}

// Audit tells what was promised and did not arrive, or arrived twice.
func (t *Traffic) Audit() ledger.Audit { return t.posted.Audit() }
