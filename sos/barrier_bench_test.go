package sos_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/postgres/pgtest"
	"github.com/loveapp/backend/sos/internal/adapters/postgres"
)

// BenchmarkTriggerAndStandby is what the second step costs: calls for help over
// HTTP on a primary with one standby, which has to confirm them or has not.
func BenchmarkTriggerAndStandby(b *testing.B) {
	set := pgtest.NewReplicaSet(b, 1, "sos", postgres.Migrations())
	w := newWorldOn(b, set.Config())
	i := w.ready()
	for _, standby := range []struct{ name, names, durability string }{{"without", "", "local"}, {"with", "*", "replicated"}} {
		set.Servers[0].WaitFor(standby.names)
		probe := w.person(i, idgen.NewV7())
		w.eventually("the change is noticed", func() bool { return probe.trigger("k", `{}`).str("durability") == standby.durability })
		for _, phones := range []int{1, 16, 64} {
			b.Run(fmt.Sprintf("%s the barrier, %d phones", standby.name, phones), func(b *testing.B) { benchmarkTriggers(b, w, i, phones, standby.durability) })
		}
	}
}

func benchmarkTriggers(b *testing.B, w *world, i *instance, phones int, durability string) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: phones}}
	defer client.CloseIdleConnections()
	took := make([]time.Duration, b.N)
	proofs := make([]string, b.N)
	for n := range proofs {
		proofs[n] = w.person(i, idgen.NewV7()).proof
	}
	var next, other atomic.Int64
	var group sync.WaitGroup
	b.ResetTimer()
	for range phones {
		group.Go(func() {
			for n := next.Add(1) - 1; n < int64(b.N); n = next.Add(1) - 1 {
				begun := time.Now()
				if said, err := call(b, client, i.url, proofs[n]); err != nil {
					b.Error(err)
				} else if !strings.Contains(said, `"durability":"`+durability+`"`) {
					other.Add(1)
				}
				took[n] = time.Since(begun)
			}
		})
	}
	group.Wait()
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "triggers/s")
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(other.Load()), "otherwise")
}

func call(b *testing.B, client *http.Client, url, proof string) (said string, err error) {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, url+"/v1/sos/tickets", strings.NewReader(`{"emergencyType":"medical"}`))
	if err != nil {
		return "", err
	}
	req.Header.Set("Authorization", proof)
	req.Header.Set("Idempotency-Key", "k")
	res, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	return string(text), err
}
