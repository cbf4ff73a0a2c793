package domain_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/sos/internal/domain"
)

func TestAfterFiveTriesEachCostsTwiceTheTimeOfTheLast(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	pin := domain.Pin{Hash: "h"}
	for i := range 5 {
		if err := pin.Try(now); err != nil {
			t.Fatalf("try %d: %v", i+1, err)
		}
	}
	for _, wait := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 32 * time.Minute, time.Hour, time.Hour} {
		err := pin.Try(now.Add(wait - time.Second))
		if !errors.Is(err, domain.ErrPinDelayed) || fault.From(err).RetryAfter != time.Second {
			t.Fatalf("a second before %s are over: %v", wait, err)
		}
		now = now.Add(wait)
		if err := pin.Try(now); err != nil {
			t.Fatalf("after %s: %v", wait, err)
		}
	}
	pin.Proved("another")
	if err := pin.Try(now); err == nil {
		t.Error("the PIN before it forgives")
	}
	pin.Proved("h")
	if err := pin.Try(now); err != nil {
		t.Errorf("after the right one: %v", err)
	}
}

func TestNoOrderOfTriesBeatsTheDelay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		start := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
		now, pin, tries := start, domain.Pin{Hash: "h"}, 0
		for _, pause := range rapid.SliceOf(rapid.IntRange(0, 300)).Draw(t, "pauses in seconds") {
			now = now.Add(time.Duration(pause) * time.Second)
			if pin.Try(now) == nil {
				tries++
			}
		}
		if most := 5 + int(now.Sub(start)/(30*time.Second)); tries > most {
			t.Fatalf("%d tries in %s", tries, now.Sub(start))
		}
	})
}

func TestAPinIsFourToTwelveDigits(t *testing.T) {
	t.Parallel()
	for pin, want := range map[string]bool{
		"1234": true, "000000000000": true, "": false, "123": false, "1234567890123": false, "12a4": false, "１２３４": false, " 1234": false, "-123": false,
	} {
		if got := domain.CheckPin(pin) == nil; got != want {
			t.Errorf("%q: %v", pin, got)
		}
	}
}
