package domain_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/sos/internal/domain"
)

var midday = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)

// ladder is an alarm whose timers end on time, and what came of it.
type ladder struct {
	c    *domain.Case
	now  time.Time
	told []string
}

func climb(desk domain.Desk, p domain.Press) *ladder {
	desk.Now, p.Reporter = midday, "ann"
	l := &ladder{c: domain.Open("t", p, desk), now: midday}
	l.collect()
	return l
}

func people(contacts, staff string) domain.Desk {
	var desk domain.Desk
	for name := range strings.FieldsSeq(contacts) {
		desk.Helpers = append(desk.Helpers, domain.Recipient{Contact: domain.ContactID(name), User: domain.UserID(name), Name: name})
	}
	for name := range strings.FieldsSeq(staff) {
		desk.Standing.Dispatchers = append(desk.Standing.Dispatchers, domain.UserID(name))
	}
	return desk
}

// collect notes "when level: kind recipient channels" of each alert.
func (l *ladder) collect() {
	for _, a := range l.c.Alerts() {
		l.told = append(l.told, fmt.Sprintf("%v %d: %s %s %d %s", l.now.Sub(midday), a.Level, a.Kind, a.Recipient, len(a.Channels), a.Priority()))
	}
	l.c = reload(l.c)
}

// until lets every timer end on time up to the moment.
func (l *ladder) until(after time.Duration) *ladder {
	for {
		t, runs := l.c.Ticket.Timer()
		if !runs || t.Due.After(midday.Add(after)) {
			l.now = midday.Add(after)
			return l
		}
		l.now = t.Due
		if _, _, err := l.c.TimerOver(l.now); err != nil {
			panic(err)
		}
		l.collect()
	}
}

func (l *ladder) do(err error) {
	if err != nil {
		panic(err)
	}
	l.collect()
}

func (l *ladder) by(name string, roles domain.Roles) domain.Actor {
	return domain.Actor{User: domain.UserID(name), Name: name, Roles: roles}
}

func (l *ladder) heard(t *testing.T, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, l.told); diff != "" {
		t.Errorf("want (-), got (+):\n%s", diff)
	}
}

func TestTheAlarmGoesWiderAndLouderUntilSomebodyAnswers(t *testing.T) {
	t.Parallel()
	l := climb(people("mum", "desk"), domain.Press{}).until(5 * time.Minute)
	l.heard(t,
		"0s 0: sos.triggered mum 2 critical", "0s 0: sos.triggered desk 2 high",
		"1m0s 1: sos.escalated mum 4 critical",
		"2m0s 2: sos.escalated mum 4 critical", "2m0s 2: sos.escalated desk 4 critical",
		"4m0s 2: sos.escalated mum 4 critical", "4m0s 2: sos.escalated desk 4 critical",
	)
	if l.c.Ticket.EscalationLevel != 2 {
		t.Errorf("level %d", l.c.Ticket.EscalationLevel)
	}
}

func TestADrillGoesTheWholeWayMarked(t *testing.T) {
	t.Parallel()
	l := climb(people("mum", ""), domain.Press{Drill: true})
	for range 3 {
		timer, _ := l.c.Ticket.Timer()
		_, _, err := l.c.TimerOver(timer.Due)
		if title, _ := l.c.Alerts()[0].Words(); err != nil || !strings.HasPrefix(title, "Drill: ") {
			t.Errorf("%q (%v)", title, err)
		}
		l.collect()
	}
	if l.c.Ticket.EscalationLevel != 2 {
		t.Errorf("level %d", l.c.Ticket.EscalationLevel)
	}
}

func TestALevelThatReachesNobodyFiresTheNextAtOnce(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		desk  domain.Desk
		level int
		next  time.Duration
	}{
		"nobody at all":       {people("", ""), 2, 2 * time.Minute},
		"staff only":          {people("", "desk"), 0, time.Minute},
		"contacts only":       {people("mum", ""), 0, time.Minute},
		"only the reporter":   {people("", "ann"), 2, 2 * time.Minute},
		"one person as both":  {people("mum", "mum"), 0, time.Minute},
		"one person as staff": {people("", "mum ann"), 0, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := climb(tc.desk, domain.Press{})
			timer, _ := l.c.Ticket.Timer()
			if l.c.Ticket.EscalationLevel != tc.level || timer.Due.Sub(midday) != tc.next {
				t.Errorf("level %d, the next after %v", l.c.Ticket.EscalationLevel, timer.Due.Sub(midday))
			}
		})
	}
	l := climb(people("", "desk"), domain.Press{}).until(90 * time.Second)
	l.heard(t, "0s 0: sos.triggered desk 2 high", "1m0s 2: sos.escalated desk 4 critical")
}

func TestAnAcknowledgementPausesTheEscalationButNotForEver(t *testing.T) {
	t.Parallel()
	l := climb(people("mum ben eve", ""), domain.Press{}).until(30 * time.Second)
	l.do(l.c.Acknowledge(l.by("mum", domain.Helper), "", l.now))
	l.until(2 * time.Minute)
	l.do(l.c.Acknowledge(l.by("mum", domain.Helper), "", l.now)) // again: gives nothing
	l.do(l.c.Acknowledge(l.by("ben", domain.Helper), "", l.now)) // to 5m0s, 1m30s more
	l.until(4*time.Minute + 30*time.Second)
	l.do(l.c.Acknowledge(l.by("eve", domain.Helper), "", l.now)) // of her 2m30s only 1m30s are left
	l.told = nil
	l.until(6*time.Minute + 29*time.Second)
	l.heard(t)
	if timer, _ := l.c.Ticket.Timer(); timer.Kind != domain.TimerAckExpiry || timer.Due.Sub(midday) != 6*time.Minute+30*time.Second {
		t.Errorf("%s until %v", timer.Kind, timer.Due.Sub(midday))
	}
	l.until(7 * time.Minute)
	l.heard(t, "7m0s 1: sos.escalated mum 4 critical", "7m0s 1: sos.escalated ben 4 critical", "7m0s 1: sos.escalated eve 4 critical")
}

func TestAssigningStopsTheEscalationAndReleasingStartsItAnew(t *testing.T) {
	t.Parallel()
	l := climb(people("mum", "desk"), domain.Press{}).until(70 * time.Second)
	desk := l.by("desk", domain.Dispatcher)
	l.told = nil
	l.do(l.c.Assign(desk, desk, l.now))
	l.until(20 * time.Minute)
	l.do(l.c.Comment(desk, "nearly there", l.now)) // heard of: the half hour begins anew
	l.heard(t, "1m10s 0: sos.assigned ann 0 high", "1m10s 0: sos.assigned mum 0 high")
	l.told = nil
	l.until(50*time.Minute - time.Second)
	if l.heard(t); l.c.Ticket.Status != domain.InProgress {
		t.Errorf("%s", l.c.Ticket.Status)
	}
	l.until(50 * time.Minute)
	l.heard(t, "50m0s 0: sos.triggered mum 2 critical", "50m0s 0: sos.triggered desk 2 high")
	if l.c.Ticket.Status != domain.Pending || l.c.Ticket.EscalationLevel != 0 {
		t.Errorf("%s at level %d", l.c.Ticket.Status, l.c.Ticket.EscalationLevel)
	}
	l.told = nil
	l.until(51 * time.Minute)
	l.heard(t, "51m0s 1: sos.escalated mum 4 critical")
}

func TestPressingAgainGoesOneLevelUp(t *testing.T) {
	t.Parallel()
	l := climb(people("mum", ""), domain.Press{}).until(10 * time.Second)
	l.told = nil
	desk := domain.Desk{Now: l.now, Open: l.c}
	_, err := desk.Take("p2", domain.Press{Reporter: "ann"})
	l.do(err)
	l.until(90 * time.Second)
	l.heard(t, "10s 1: sos.triggered mum 4 critical", "1m10s 2: sos.escalated mum 4 critical")
}

func TestClosingEndsTheTimerAndReopeningStartsAnew(t *testing.T) {
	t.Parallel()
	l := climb(people("mum", "desk"), domain.Press{}).until(time.Minute)
	ann := l.by("ann", domain.Reporter)
	l.told = nil
	l.do(l.c.Resolve(ann, domain.Safe, "", l.now))
	l.until(10 * time.Minute)
	l.heard(t, "1m0s 0: sos.resolved mum 0 high", "1m0s 1: sos.resolved desk 0 high")
	if _, runs := l.c.Ticket.Timer(); runs {
		t.Error("a closed ticket has a timer")
	}
	l.told = nil
	l.c.Standing.Policy = domain.DefaultPolicy()
	l.c.Standing.Policy.Levels = l.c.Standing.Policy.Levels[:2]
	l.do(l.c.Reopen(ann, "", l.now))
	l.until(11 * time.Minute)
	l.heard(t, "10m0s 0: sos.triggered mum 2 critical", "10m0s 0: sos.triggered desk 2 high", "11m0s 1: sos.escalated mum 4 critical")
	if n := len(l.c.Ticket.Escalation.Policy.Levels); n != 2 {
		t.Errorf("the new alarm follows a policy of %d levels", n)
	}
}

func TestAnOpenTicketKeepsItsPolicy(t *testing.T) {
	t.Parallel()
	l := climb(people("mum", ""), domain.Press{})
	l.c.Standing.Policy = domain.Policy{Version: 7, Levels: domain.DefaultPolicy().Levels[:1], Repeat: time.Minute, NoShow: time.Hour}
	if l.until(3 * time.Minute); l.c.Ticket.EscalationLevel != 2 || l.c.Ticket.Escalation.Policy.Version != 0 {
		t.Errorf("level %d of version %d", l.c.Ticket.EscalationLevel, l.c.Ticket.Escalation.Policy.Version)
	}
}

func TestWhatIsOverdueFiresAtOnceAndSaysHowLate(t *testing.T) {
	t.Parallel()
	l := climb(people("mum", ""), domain.Press{})
	back := midday.Add(time.Hour)
	var levels []string
	for range 10 {
		late, fired, err := l.c.TimerOver(back)
		if err != nil || !fired {
			break
		}
		data := l.c.Events()[0].Data
		if data["lateByMs"] != late.Milliseconds() {
			t.Errorf("late by %v, the timeline says %v ms", late, data["lateByMs"])
		}
		levels = append(levels, fmt.Sprint(data["level"], " ", data["round"], " ", late))
		l.collect()
	}
	// Each level once, the last one's repetitions without the 28 that were missed.
	if diff := cmp.Diff([]string{"1 0 59m0s", "2 0 58m0s"}, levels); diff != "" {
		t.Error(diff)
	}
	if timer, _ := l.c.Ticket.Timer(); timer.Due.Sub(back) != 2*time.Minute {
		t.Errorf("the next repetition after %v", timer.Due.Sub(back))
	}
}

func TestATicketFromBeforeThereWereEscalationsIsTakenUp(t *testing.T) {
	t.Parallel()
	at := midday
	c := &domain.Case{
		Ticket:  domain.Ticket{ID: "t", Reporter: domain.Person{ID: "ann"}, Status: domain.Pending, AlarmedAt: &at, UpdatedAt: at},
		Helpers: people("mum", "").Helpers,
	}
	if _, fired, err := c.TimerOver(midday.Add(time.Minute)); !fired || err != nil || len(c.Alerts()) != 1 {
		t.Fatalf("%v (%v), %d alerts", fired, err, len(c.Alerts()))
	}
	if timer, _ := c.Ticket.Timer(); timer.Level != 1 {
		t.Errorf("the next level is %d", timer.Level)
	}
}
