package ledger_test

import (
	"testing"
	"time"

	"github.com/loveapp/backend/test/load/internal/ledger"
)

func TestWhatWasPromisedAndNotHeardIsMissingAndWhatCameTwiceIsRepeated(t *testing.T) {
	t.Parallel()
	l, due := ledger.New(), time.Now()
	l.Send("flood", due, "ada", "bob", "eve")
	if got, first := l.Heard("flood", "ada"); !first || !got.Equal(due) { // before its answer
		t.Errorf("Ada's first is %s, %v; want %s, true", got, first, due)
	}
	l.Confirm("flood", "ada", "bob", "eve")
	for range 2 {
		l.Heard("flood", "bob")
	}
	l.Send("storm", due, "ada") // refused: nobody promised anything
	if got, want := l.Audit(), (ledger.Audit{Promised: 3, Heard: 2, Missing: 1, Repeated: 1}); got != want {
		t.Errorf("the audit finds %+v, want %+v", got, want)
	}
}

func TestWhatNobodySentIsNoArrival(t *testing.T) {
	t.Parallel()
	l := ledger.New()
	if _, first := l.Heard("welcome", "ada"); first {
		t.Error("a message that was never sent counts as an arrival")
	}
	if l.Arrival("welcome", "ada") != nil || (l.Audit() != ledger.Audit{}) {
		t.Error("a message that was never sent is awaited or counted")
	}
}

func TestWhoWaitsIsToldOfTheArrival(t *testing.T) {
	t.Parallel()
	l := ledger.New()
	l.Send("alarm", time.Now(), "bob")
	arrival := l.Arrival("alarm", "bob")
	select {
	case <-arrival:
		t.Fatal("told before it arrived")
	default:
	}
	l.Heard("alarm", "bob")
	select {
	case <-arrival:
	default:
		t.Error("not told")
	}
}
