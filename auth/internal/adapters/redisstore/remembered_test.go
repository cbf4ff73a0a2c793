package redisstore_test

import (
	"testing"
	"time"

	"github.com/gomodule/redigo/redis"

	"github.com/loveapp/backend/auth/internal/adapters/redisstore"
	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
	"github.com/loveapp/backend/auth/internal/ports/portstest"
	"github.com/loveapp/backend/shared/redispool"
	"github.com/loveapp/backend/shared/redispool/redistest"
)

func TestBriefs(t *testing.T) {
	t.Parallel()
	onEachKind(t, portstest.Briefs, func(p *redispool.Pool) ports.Briefs { return redisstore.NewBriefs(p) })
}

func TestIssues(t *testing.T) {
	t.Parallel()
	onEachKind(t, portstest.Issues, func(p *redispool.Pool) ports.Issues { return redisstore.NewIssues(p, time.Now) })
}

func TestAUserIsRememberedForAnHourAndATokenForItsLife(t *testing.T) {
	t.Parallel()
	pool := redistest.New(t)
	const user = domain.UserID("018f0000-0000-7000-8000-000000000001")
	if err := redisstore.NewBriefs(pool).KeepBrief(t.Context(), user, domain.Brief{Role: domain.RoleUser, Version: 1}); err != nil {
		t.Fatal(err)
	}
	issue := domain.Issue{User: user, Session: "s-1", TokenID: "t-1", ExpiresAt: time.Now().Add(time.Hour)}
	if err := redisstore.NewIssues(pool, time.Now).KeepIssued(t.Context(), []domain.Issue{issue}, 15*time.Minute); err != nil {
		t.Fatal(err)
	}
	for key, life := range map[string]time.Duration{"user:" + string(user): time.Hour, "token:" + string(user): 15 * time.Minute} {
		ttl, err := redis.Int64(pool.Do(t.Context(), "PTTL", key))
		if err != nil || ttl > life.Milliseconds() || ttl < life.Milliseconds()-time.Minute.Milliseconds() {
			t.Errorf("%s lives %d ms more, %v", key, ttl, err)
		}
	}
}

func TestWhatSomebodyElseHasPutThereIsNotRemembered(t *testing.T) {
	t.Parallel()
	pool := redistest.New(t)
	const user = domain.UserID("018f0000-0000-7000-8000-000000000001")
	for key, field := range map[string]string{"user:" + string(user): "version", "token:" + string(user): "s-1"} {
		if _, err := pool.Do(t.Context(), "HSET", key, field, "nonsense"); err != nil {
			t.Fatal(err)
		}
	}
	if brief, known, err := redisstore.NewBriefs(pool).Brief(t.Context(), user); known || err != nil {
		t.Errorf("%+v %v", brief, err)
	}
	if issues, err := redisstore.NewIssues(pool, time.Now).Issued(t.Context(), user); len(issues) > 0 || err != nil {
		t.Errorf("%+v %v", issues, err)
	}
}
