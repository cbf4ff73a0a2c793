package postgres_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/loveapp/backend/sos/internal/ports"
)

func TestAnAuditFindsWhatMustNeverBe(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		damage []string
		want   ports.Findings
	}{
		"nothing":                          {nil, ports.Findings{}},
		"an open ticket without a timer":   {[]string{`DELETE FROM sos.timers`}, ports.Findings{OpenWithoutTimer: 1}},
		"a timer that nobody ends":         {[]string{`UPDATE sos.timers SET due_at = now() - interval '3 seconds'`}, ports.Findings{TimersOverdue: 1}},
		"a timer that is a little late":    {[]string{`UPDATE sos.timers SET due_at = now() - interval '1 second'`}, ports.Findings{}},
		"an alert that nobody takes":       {[]string{`UPDATE sos.outbox SET due_at = now() - interval '6 seconds'`}, ports.Findings{AlertsStuck: 1}},
		"an alert that was delivered":      {[]string{`UPDATE sos.outbox SET due_at = now() - interval '6 seconds', fate = 'delivered'`}, ports.Findings{}},
		"an alert that was refused":        {[]string{`UPDATE sos.outbox SET fate = 'parked'`}, ports.Findings{AlertsParked: 1}},
		"an alarm of which nobody is told": {[]string{`DELETE FROM sos.outbox`}, ports.Findings{EventsUndelivered: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := fresh(t)
			s := open(t, c, patience)
			contact(t, s, "ann", "mum")
			if err := press(t.Context(), s, "ann"); err != nil {
				t.Fatal(err)
			}
			for _, statement := range tc.damage {
				if err := exec(t, c, statement); err != nil {
					t.Fatal(err)
				}
			}
			got, err := s.Audit(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got, cmpopts.IgnoreFields(ports.Findings{}, "Waiting", "OldestAlertWaiting")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAStepOfAnEscalationIsStoredOnce(t *testing.T) {
	t.Parallel()
	c := fresh(t)
	s := open(t, c, patience)
	if err := press(t.Context(), s, "ann"); err != nil {
		t.Fatal(err)
	}
	const again = `INSERT INTO sos.timeline (ticket_id, seq, at, kind, actor_id, actor_name, actor_kind, data)
		SELECT id, last_seq + $1::integer, now(), 'escalated', '', '', 'system', '{"run":1,"level":1,"round":0}' FROM sos.tickets`
	if err := exec(t, c, again, 1); err != nil {
		t.Fatal(err)
	}
	if err := exec(t, c, again, 2); err == nil {
		t.Error("the same step twice")
	}
}

func TestNobodyChangesAPolicyThatWasInForce(t *testing.T) {
	t.Parallel()
	c := fresh(t)
	if err := exec(t, c, `INSERT INTO sos.escalation_policies (version, policy, set_by) VALUES (1, '{}', 'root')`); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{`UPDATE sos.escalation_policies SET set_by = 'nobody'`, `DELETE FROM sos.escalation_policies`, `TRUNCATE sos.escalation_policies`} {
		if err := exec(t, c, statement); err == nil {
			t.Errorf("%s went through", statement)
		}
	}
}
