package sos_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// overdue makes the next step of every ticket ten minutes late, as after a time
// in which no instance was running.
const overdue = `
	WITH moved AS (
		UPDATE sos.tickets SET escalation = escalation || jsonb_build_object('due', to_char((now() - interval '10 minutes') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
		WHERE closed_at IS NULL RETURNING id
	)
	UPDATE sos.timers SET due_at = now() - interval '10 minutes' FROM moved WHERE ticket_id = moved.id`

func TestWhatWasDueWhileEverythingWasDownIsDoneOnceByManyInstances(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.auth.handler.(*auth).employ("Desk")
	first := w.ready()
	w.eventually("the staff are known", func() bool {
		var n int
		w.scan(`SELECT count(*) FROM sos.dispatchers`, nil, &n)
		return n == 1
	})
	ann, mum := w.person(first, "Ann"), w.person(first, "Mum")
	ann.trusts(mum, "Mum")
	id := ann.opened(`{}`)
	if items := w.inbox.await(2); len(items[0].Channels) != 2 || items[0].Data["escalationLevel"] != nil {
		t.Errorf("the alarm: %+v", items[0])
	}
	first.stop()
	w.mustExec(overdue)

	instances := []*instance{w.ready(), w.ready(), w.ready()}
	// Level 1 to Mum, level 2 to her and to the desk: both were due.
	items := w.inbox.await(5)
	told := map[string]int{}
	for _, n := range items[2:] {
		if n.Data["kind"] == "sos.escalated" && len(n.Channels) == 4 && n.Priority == "critical" {
			told[n.UserIDs[0]]++
		}
	}
	if told["Mum"] != 2 || told["Desk"] != 1 {
		t.Errorf("told again: %v of %+v", told, items[2:])
	}
	ann = w.person(instances[0], "Ann")
	if a := ann.get("/v1/sos/tickets/" + id).is(http.StatusOK); a.num("escalationLevel") != 2 {
		t.Errorf("the ticket: %s", a.text)
	}
	steps := 0
	for _, e := range ann.get("/v1/sos/tickets/" + id + "/timeline").is(http.StatusOK).items("items") {
		if e["kind"] != "escalated" {
			continue
		}
		steps++
		data, _ := e["data"].(map[string]any)
		late, _ := data["lateByMs"].(float64)
		if late < 9*60*1000 {
			t.Errorf("step %d says that it is %v ms late", steps, late)
		}
	}
	if steps != 2 {
		t.Errorf("%d steps", steps)
	}
	w.inbox.mu.Lock()
	defer w.inbox.mu.Unlock()
	for key, n := range w.inbox.copies {
		if n != 1 {
			t.Errorf("%s was sent %d times", key, n)
		}
	}
}

// shows tells whether the line stands among the instance's metrics.
func (i *instance) shows(line string) bool {
	answer := httptest.NewRecorder()
	i.metrics.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	return strings.Contains(answer.Body.String(), "\n"+line+"\n")
}

func TestOperatorsSeeWhatTheAuditorFinds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.ready()
	w.eventually("the first look finds nothing", func() bool { return first.shows(`sos_audit_violations{check="alert_parked",service="sos"} 0`) })
	ann := w.person(first, "Ann")
	ann.trusts(w.person(first, "Mum"), "Mum")
	ann.opened(`{}`)
	w.inbox.await(1)
	first.stop()
	w.mustExec(`UPDATE sos.outbox SET fate = 'parked'`)
	second := w.ready()
	w.eventually("the alert that was refused is shown", func() bool { return second.shows(`sos_audit_violations{check="alert_parked",service="sos"} 1`) })
}
