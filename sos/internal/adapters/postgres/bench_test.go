package postgres_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/postgres/pgtest"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// BenchmarkTrigger is a call for help by somebody with five contacts: what the
// database does before the phone gets its 201, less what the disk costs.
func BenchmarkTrigger(b *testing.B) {
	for _, workers := range []int{1, 8, 32} {
		b.Run(fmt.Sprintf("%d at once", workers), func(b *testing.B) {
			c := fresh(b)
			c.MaxOpen, c.Warm = 40, 40
			s := open(b, c, patience)
			const people = 1000
			withContacts(b, exec(b, c, `
				INSERT INTO sos.contacts (id, owner_id, name, email, phone, priority, locale, status, user_id, created_at, updated_at)
				SELECT gen_random_uuid(), 'user' || o, 'contact', '', '', 1, '', 'active', 'contact' || o || '.' || n, now(), now()
				FROM generate_series(0, $1 - 1) o, generate_series(1, 5) n`, people))
			var next atomic.Int64
			b.SetParallelism(max(1, workers/2)) // of two processors
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					n := next.Add(1)
					at := ports.PressAddress{ID: domain.PressID(idgen.NewV7()), Reporter: domain.UserID(fmt.Sprint("user", n%people)), Drill: false}
					_, err := s.Press(b.Context(), at, func(desk domain.Desk) (*domain.Case, bool, error) {
						desk.Open = nil
						c := domain.Open(domain.TicketID(at.ID), domain.Press{Reporter: at.Reporter, Type: domain.Medical}, desk)
						// At once over, so that everybody can call again; one more line in the timeline.
						return c, false, c.Resolve(domain.Actor{User: at.Reporter, Roles: domain.Dispatcher}, domain.Safe, "", desk.Now)
					})
					if err != nil {
						b.Fatal(err)
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "triggers/s")
		})
	}
}

// BenchmarkPressAgain is one person who presses again and again.
func BenchmarkPressAgain(b *testing.B) {
	c := fresh(b)
	s := open(b, c, patience)
	for b.Loop() {
		if err := press(b.Context(), s, "ann"); err != nil {
			b.Fatal(err)
		}
	}
}

func withContacts(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkOutbox claims and settles what the triggers have queued.
func BenchmarkOutbox(b *testing.B) {
	c := fresh(b)
	s := open(b, c, patience)
	if err := press(b.Context(), s, "ann"); err != nil {
		b.Fatal(err)
	}
	_, err := pgtest.Admin(b, c).Exec(`
		INSERT INTO sos.outbox (ticket_id, recipient, seq, alert)
		SELECT t.id, 'user' || n, 2, '{"kind":"sos.triggered","at":"2030-01-01T00:00:00Z","emergencyType":"medical"}' FROM sos.tickets t, generate_series(1, $1) n`, b.N)
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for done := 0; done < b.N; {
		claim, err := s.Claim(b.Context(), 500, time.Minute)
		if err != nil || len(claim.Deliveries) == 0 {
			b.Fatal(len(claim.Deliveries), err)
		}
		results := make([]ports.Settlement, len(claim.Deliveries))
		for i, d := range claim.Deliveries {
			results[i] = ports.Settlement{ID: d.ID, Fate: ports.Delivered}
		}
		if err := s.Settle(b.Context(), claim.Lease, results); err != nil {
			b.Fatal(err)
		}
		done += len(results)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "alerts/s")
}
