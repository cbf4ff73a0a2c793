package postgres_test

import (
	"testing"

	"github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/postgres/pgtest"
)

// BenchmarkRead compares a read of the primary with one of a replica, which asks
// the primary, once for many, how far the replica has to be.
func BenchmarkRead(b *testing.B) {
	set := pgtest.NewReplicaSet(b, 1, "diary", diaryFiles())
	db, err := postgres.Open(b.Context(), set.Config())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	for {
		if port, err := readPort(b.Context(), db); err == nil && port == set.Config().ReadHosts[0].Port {
			break
		}
	}
	const read = `SELECT count(*) FROM notes WHERE author = $1`
	b.Run("primary", func(b *testing.B) {
		b.SetParallelism(8)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				var n int
				if err := db.Primary().GetContext(b.Context(), &n, read, "ada"); err != nil {
					b.Error(err)
				}
			}
		})
	})
	b.Run("replica", func(b *testing.B) {
		b.SetParallelism(8)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				var n int
				if err := db.Reader().GetContext(b.Context(), &n, read, "ada"); err != nil {
					b.Error(err)
				}
			}
		})
	})
}
