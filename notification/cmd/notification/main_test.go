package main

import (
	"io"
	"strings"
	"testing"
)

func TestWhatCannotBeRunIsSaid(t *testing.T) {
	secret := strings.Repeat("i", 32)
	for name, c := range map[string]struct {
		env  map[string]string
		args []string
		want []string
	}{
		"no secret":          {nil, nil, []string{"INTERNAL_SECRET"}},
		"mistakes of a kind": {map[string]string{"WS_DRAIN": "soon", "WS_MAX_CONNECTIONS": "many"}, nil, []string{"WS_DRAIN", "WS_MAX_CONNECTIONS", "INTERNAL_SECRET"}},
		"an unknown command": {map[string]string{"INTERNAL_SECRET": secret}, []string{"explode"}, []string{"serve", "migrate", "health", "connections", "loss-audit"}},
		"nobody is there":    {map[string]string{"INTERNAL_SECRET": secret, "NOTIFICATION_SERVICE_PORT": "1"}, []string{"health"}, []string{"connection refused"}},
		"Redis is away":      {map[string]string{"INTERNAL_SECRET": secret, "REDIS_HOST": "127.0.0.1", "REDIS_PORT": "1"}, []string{"connections"}, []string{"REDIS_HOST", "connection refused"}},
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
