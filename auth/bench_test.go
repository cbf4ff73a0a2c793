package auth_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
)

// clients is how many phones talk at once, per processor.
const clients = 8

// BenchmarkLogin is bound by argon2id: one hash a login, on all processors but one.
func BenchmarkLogin(b *testing.B) {
	one := newWorld(b).start(b).ready()
	one.register("ana@example.org")
	body := map[string]string{"email": "ana@example.org", "password": password}
	b.SetParallelism(clients)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			want(b, one.call(http.MethodPost, "/v1/auth/login", "", body), http.StatusOK, "")
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "logins/s")
}

// BenchmarkRefresh rotates one session a client: a read, a swap, two signatures.
func BenchmarkRefresh(b *testing.B) {
	one := newWorld(b).startQuick(b).ready()
	var phones atomic.Int64
	b.SetParallelism(clients)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		s := one.register(fmt.Sprintf("phone%d@example.org", phones.Add(1)))
		for pb.Next() {
			s = one.refresh(s)
			want(b, s, http.StatusOK, "")
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "refreshes/s")
}

// BenchmarkProfile is what an authenticated read costs.
func BenchmarkProfile(b *testing.B) {
	one := newWorld(b).startQuick(b).ready()
	s := one.register("ana@example.org")
	b.SetParallelism(clients)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			want(b, one.profile(s), http.StatusOK, "")
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "reads/s")
}
