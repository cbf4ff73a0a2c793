package domain_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/loveapp/backend/sos/internal/domain"
)

// lifeOfATicket says for every command, status and role where it leads: "" is
// forbidden to the role for ever, "-" not allowed in this state.
const lifeOfATicket = `
command     role       countdown pending          in_progress      emergency_called resolved  cancelled
send-now    reporter   pending   -                -                -                -         -
send-now    contact
send-now    dispatcher
send-now    clock      pending   -                -                -                -         -
press-again reporter   pending   pending          in_progress      emergency_called -         -
press-again contact
press-again dispatcher
press-again clock
acknowledge reporter
acknowledge contact    -         pending          in_progress      emergency_called -         -
acknowledge dispatcher -         pending          in_progress      emergency_called -         -
acknowledge clock
raise       reporter
raise       contact
raise       dispatcher -         pending          in_progress      emergency_called -         -
raise       clock
comment     reporter   countdown pending          in_progress      emergency_called resolved  cancelled
comment     contact    countdown pending          in_progress      emergency_called resolved  cancelled
comment     dispatcher countdown pending          in_progress      emergency_called resolved  cancelled
comment     clock
assign      reporter
assign      contact
assign      dispatcher -         in_progress      in_progress      emergency_called -         -
assign      clock
accept      reporter
accept      contact    -         in_progress      in_progress      emergency_called -         -
accept      dispatcher
accept      clock
release     reporter
release     contact    -         -                pending          -                -         -
release     dispatcher -         -                pending          -                -         -
release     clock      -         -                pending          -                -         -
dial        reporter   -         emergency_called emergency_called -                -         -
dial        contact
dial        dispatcher
dial        clock      -         emergency_called emergency_called -                -         -
resolve     reporter   -         resolved         resolved         resolved         -         -
resolve     contact
resolve     dispatcher -         resolved         resolved         resolved         -         -
resolve     clock
cancel      reporter   cancelled cancelled        cancelled        -                -         -
cancel      contact
cancel      dispatcher -         cancelled        cancelled        -                -         -
cancel      clock
reopen      reporter   -         -                -                -                pending   pending
reopen      contact
reopen      dispatcher -         -                -                -                pending   pending
reopen      clock`

func roles() map[string]domain.Roles {
	return map[string]domain.Roles{
		"reporter": domain.Reporter, "contact": domain.Helper, "dispatcher": domain.Dispatcher, "clock": domain.Clock,
	}
}

func TestEveryCommandLeadsWhereTheTableSays(t *testing.T) {
	t.Parallel()
	lines := strings.Split(strings.TrimSpace(lifeOfATicket), "\n")
	statuses := strings.Fields(lines[0])[2:]
	for _, line := range lines[1:] {
		cells := strings.Fields(line)
		for i, status := range statuses {
			want := "forbidden"
			if len(cells) > 2 {
				want = cells[2+i]
			}
			t.Run(strings.Join([]string{cells[0], cells[1], status}, " "), func(t *testing.T) {
				t.Parallel()
				if got := outcomeOf(cells[0], roles()[cells[1]], domain.Status(status)); got != want {
					t.Errorf("leads to %s, the table says %s", got, want)
				}
			})
		}
	}
}

func outcomeOf(command string, role domain.Roles, status domain.Status) string {
	next, err := domain.Ticket{Status: status}.Next(domain.Command(command), domain.Actor{User: "u", Roles: role})
	switch {
	case errors.Is(err, domain.ErrForbidden):
		return "forbidden"
	case errors.Is(err, domain.ErrInvalidTransition):
		return "-"
	case err != nil:
		return err.Error()
	}
	return string(next)
}

func TestAllowedNamesWhatTheActorCouldDoInstead(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		status domain.Status
		role   domain.Roles
		want   string
	}{
		"the reporter during the countdown":         {domain.Countdown, domain.Reporter, "send-now comment cancel"},
		"the reporter while the alarm is out":       {domain.Pending, domain.Reporter, "comment resolve cancel"},
		"the reporter once the authorities know":    {domain.EmergencyCalled, domain.Reporter, "comment resolve"},
		"the reporter afterwards":                   {domain.Resolved, domain.Reporter, "comment reopen"},
		"a contact while the alarm is out":          {domain.Pending, domain.Helper, "acknowledge comment"},
		"a dispatcher":                              {domain.InProgress, domain.Dispatcher, "acknowledge raise comment resolve cancel"},
		"a dispatcher who is the reporter's friend": {domain.Pending, domain.Dispatcher | domain.Helper, "acknowledge raise comment resolve cancel"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, c := range (domain.Ticket{Status: tc.status}).Allowed(domain.Actor{Roles: tc.role}) {
				got = append(got, string(c))
			}
			if strings.Join(got, " ") != tc.want {
				t.Errorf("allowed: %v, want %s", got, tc.want)
			}
		})
	}
}
