package redisstore_test

import (
	"testing"
	"time"

	"github.com/loveapp/backend/gateway/internal/adapters/redisstore"
	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/gateway/internal/ports"
	"github.com/loveapp/backend/gateway/internal/ports/portstest"
	"github.com/loveapp/backend/shared/redispool"
	"github.com/loveapp/backend/shared/redispool/redistest"
)

func TestAnswers(t *testing.T) {
	t.Parallel()
	redistest.OnEachKind(t, func(t *testing.T, pool func(testing.TB) *redispool.Pool) {
		portstest.Answers(t, func(t *testing.T) ports.Answers {
			s, err := redisstore.NewAnswers(redisstore.AnswersConfig{Pool: pool(t), Now: time.Now, Patience: 10 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			return s
		})
	})
}

func TestAnswersGoAwayByThemselves(t *testing.T) {
	t.Parallel()
	pool := redistest.New(t)
	s, err := redisstore.NewAnswers(redisstore.AnswersConfig{Pool: pool, Now: time.Now, Patience: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Keep(t.Context(), "/x", domain.Answer{Until: time.Now().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if left, err := pool.Do(t.Context(), "PTTL", "answer:/x"); err != nil || left.(int64) <= 0 || left.(int64) > time.Hour.Milliseconds() {
		t.Errorf("%v %v", left, err)
	}
	if _, err := redisstore.NewAnswers(redisstore.AnswersConfig{}); err == nil {
		t.Error("a hole in the config is no error")
	}
}
