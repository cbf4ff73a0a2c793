package app_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loveapp/backend/sos/internal/app"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// findings is an audit whose result the test sets.
type findings struct {
	ports.Auditing
	found ports.Findings
	err   error
}

func (f *findings) Audit(context.Context) (ports.Findings, error) { return f.found, f.err }

func TestAnAuditorSaysOnceWhenAPromiseIsBrokenAndWhenItIsKeptAgain(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	shown := map[string]int{}
	source := &findings{}
	auditor := app.NewAuditor(source, slog.New(slog.NewTextHandler(&log, nil)), app.Telemetry{Audited: func(f ports.Findings) { shown = f.Checks() }})
	for i, step := range []struct {
		found ports.Findings
		err   error
		lines string
	}{
		{ports.Findings{Waiting: 3}, nil, ""},
		{ports.Findings{TimersOverdue: 2}, nil, "not kept"},
		{ports.Findings{TimersOverdue: 2}, nil, ""},
		{ports.Findings{TimersOverdue: 5}, errors.New("away"), ""},
		{ports.Findings{TimersOverdue: 1}, nil, "not kept"},
		{ports.Findings{}, nil, "kept again"},
		{ports.Findings{}, nil, ""},
	} {
		log.Reset()
		source.found, source.err = step.found, step.err
		if err := auditor.Look(t.Context()); !errors.Is(err, step.err) {
			t.Errorf("step %d: %v", i, err)
		}
		if got := log.String(); (got == "") != (step.lines == "") || !strings.Contains(got, step.lines) || strings.Count(got, "\n") > 1 {
			t.Errorf("step %d logs %q", i, got)
		}
		if step.err == nil && shown["timer_overdue"] != step.found.TimersOverdue {
			t.Errorf("step %d shows %v", i, shown)
		}
	}
}

func TestACanaryCallsForHelpEachMinuteTheWholeWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, p, c := newHouse(t, nil), &postman{}, &tally{}
		if err := h.store.KeepDispatchers(t.Context(), []domain.UserID{"desk"}); err != nil {
			t.Fatal(err)
		}
		h.trust("canary", "listener")
		h.dispatch(p, c)
		results := map[string]int{}
		h.Telemetry.Canary = func(result string, _ time.Duration) { results[result]++ }
		var canaries []*app.Canary
		for range 3 { // as many instances
			canaries = append(canaries, app.NewCanary(h.App, h.store, "canary", time.Now))
		}
		minute := func() {
			for _, y := range canaries {
				y.Sing(t.Context())
			}
			synctest.Wait()
			pass(time.Minute)
		}
		minute()
		minute()
		var told []string
		for _, a := range p.Taken() {
			told = append(told, string(a.Recipient)+" "+string(a.Kind))
			if !a.Drill {
				t.Errorf("not marked as a drill: %+v", a)
			}
		}
		want := "listener sos.triggered, listener sos.resolved, listener sos.triggered, listener sos.resolved"
		if got := strings.Join(told, ", "); got != want || results["delivered"] != 2 || len(results) != 1 {
			t.Errorf("told %s; results %v", got, results)
		}
		p.Fail(errDown)
		minute()
		if results["late"] != 1 {
			t.Errorf("with the notification service away: %v", results)
		}
		h.store.SetAway(true)
		minute()
		if results["refused"] == 0 {
			t.Errorf("without a database: %v", results)
		}
	})
}
