package memory_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/loveapp/backend/gateway/internal/adapters/memory"
	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/gateway/internal/ports"
	"github.com/loveapp/backend/gateway/internal/ports/portstest"
)

func openAnswers(t *testing.T) ports.Answers {
	t.Helper()
	s, err := memory.NewAnswers(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	portstest.Answers(t, openAnswers)
}

func TestTheAnswersThatNobodyAsksForMakeRoom(t *testing.T) {
	t.Parallel()
	s := openAnswers(t)
	a := domain.Answer{Until: time.Now().Add(time.Hour)}
	_ = s.Keep(t.Context(), "wanted", a)
	for i := range 1000 {
		_ = s.Keep(t.Context(), strconv.Itoa(i), a)
		if _, found, _ := s.Find(t.Context(), "wanted"); !found {
			t.Fatalf("what is asked for all the time went after %d others", i)
		}
	}
	if _, found, _ := s.Find(t.Context(), "0"); found {
		t.Error("nothing went")
	}
	if _, err := memory.NewAnswers(nil); err == nil {
		t.Error("no clock, no error")
	}
}
