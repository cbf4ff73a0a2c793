package main

import (
	"io"
	"strings"
	"testing"
)

func TestWhatCannotBeRunIsSaid(t *testing.T) {
	for name, c := range map[string]struct {
		env  map[string]string
		args []string
		want []string
	}{
		"no secrets":         {nil, nil, []string{"JWT_SECRET", "INTERNAL_SECRET"}},
		"mistakes of a kind": {map[string]string{"DATABASE_PORT": "x", "JWT_EXPIRES_IN": "soon"}, nil, []string{"DATABASE_PORT", "JWT_EXPIRES_IN", "JWT_SECRET"}},
		"an unknown command": {map[string]string{
			"JWT_SECRET": strings.Repeat("j", 32), "INTERNAL_SECRET": strings.Repeat("i", 32),
		}, []string{"explode"}, []string{"serve", "migrate", "health"}},
	} {
		t.Run(name, func(t *testing.T) {
			for key, value := range c.env {
				t.Setenv(key, value)
			}
			err := service().Run(t.Context(), c.args, io.Discard)
			if err == nil {
				t.Fatal("it runs")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%s is not named in: %v", want, err)
				}
			}
		})
	}
}
