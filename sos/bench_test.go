package sos_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/event"
	"github.com/loveapp/backend/shared/idgen"
)

// BenchmarkCallForHelp is a call over HTTP by somebody with five contacts, from
// the request to the moment when the notification service has the last alarm.
func BenchmarkCallForHelp(b *testing.B) {
	w := newWorld(b)
	i := w.ready()
	ann := w.person(i, "Ann")
	for n := range 5 {
		ann.trusts(w.person(i, fmt.Sprint("contact", n)), "contact")
	}
	client := &http.Client{}
	defer client.CloseIdleConnections()
	var answered, told []time.Duration
	for b.Loop() {
		begun := time.Now()
		req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, i.url+"/v1/sos/tickets", strings.NewReader(`{"drill":false}`))
		if err != nil {
			b.Fatal(err)
		}
		req.Header.Set("Authorization", ann.proof)
		req.Header.Set("Idempotency-Key", idgen.NewV7())
		res, err := client.Do(req)
		if err != nil || res.StatusCode != http.StatusCreated {
			b.Fatal(res, err)
		}
		_ = res.Body.Close()
		answered = append(answered, time.Since(begun))
		w.awaitAlarms(5 * len(answered))
		told = append(told, time.Since(begun))
		b.StopTimer()
		w.closeTicket(ann)
		b.StartTimer()
	}
	for name, took := range map[string][]time.Duration{"answer": answered, "told": told} {
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, name+"-p50-ms")
		b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, name+"-p99-ms")
	}
}

func (w *world) awaitAlarms(n int) {
	w.tb.Helper()
	alarms := func() int {
		return len(slices.DeleteFunc(w.inbox.taken(), func(item event.Notification) bool { return item.Data["kind"] != "sos.triggered" }))
	}
	for deadline := time.Now().Add(time.Minute); alarms() < n; time.Sleep(100 * time.Microsecond) {
		if time.Now().After(deadline) {
			w.tb.Fatalf("%d alarms, want %d", alarms(), n)
		}
	}
}

func (w *world) closeTicket(p person) {
	w.tb.Helper()
	open := p.get("/v1/sos/tickets?status=pending").is(http.StatusOK).items("items")
	id, _ := open[0]["id"].(string)
	p.command(id, "resolve").is(http.StatusOK)
}
