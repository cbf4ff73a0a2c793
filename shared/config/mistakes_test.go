package config_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/loveapp/backend/shared/config"
)

func TestMistakesOfSeveralConfigsAreOneListThatNamesEachOnce(t *testing.T) {
	t.Parallel()
	var one, two, all config.Mistakes
	one.Add("PORT is wrong")
	two.Add("PORT is wrong")
	two.Add("HOST is wrong")
	all.AddErr(one.Err())
	all.AddErr(fmt.Errorf("sos: %w", two.Err()))
	all.AddErr(errors.New("disk is full"))
	all.AddErr(config.Mistakes{}.Err())
	const want = "the configuration has mistakes:\n  - PORT is wrong\n  - HOST is wrong\n  - disk is full"
	if got := all.Err(); got == nil || got.Error() != want {
		t.Fatalf("Err() = %v, want %s", got, want)
	}
}
