// Package stack asks the local stack what it consists of.
package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/loveapp/backend/shared/config"
)

// Process is one of the stack's.
type Process struct {
	Name        string `json:"name"`
	Role        string `json:"role"`
	PID         int    `json:"pid"`
	MetricsAddr string `json:"metricsAddr"` // where pprof is; "" for what is not ours
	Healthy     bool   `json:"healthy"`
}

// Stack is a running one.
type Stack struct {
	Phase     string        `json:"phase"`
	URL       string        `json:"url"`
	Processes []Process     `json:"processes"`
	JWT       config.Secret `json:"-"` // what access tokens are signed with
}

// Read asks program, which is the built deployments/local, about the stack in dir.
func Read(ctx context.Context, program, dir string) (Stack, error) {
	var s Stack
	cmd := exec.CommandContext(ctx, program, "status", "-json", "-dir", dir)
	text, err := cmd.Output()
	if err != nil {
		return s, fmt.Errorf("ask %s about the stack in %s: %s: %w", program, dir, complaint(err), err)
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return s, fmt.Errorf("understand what %s says: %w", program, err)
	}
	if s.Phase != "up" {
		return s, fmt.Errorf("the stack in %s is %s: wait until it is up", dir, s.Phase)
	}
	for _, p := range s.Processes {
		if !p.Healthy {
			return s, fmt.Errorf("%s is not healthy: a load test would measure that", p.Name)
		}
	}
	s.JWT, err = secret(dir)
	return s, err
}

func complaint(err error) string {
	if ended, ok := errors.AsType[*exec.ExitError](err); ok {
		return strings.TrimSpace(string(ended.Stderr))
	}
	return "it does not start"
}

func secret(dir string) (config.Secret, error) {
	text, err := os.ReadFile(filepath.Join(dir, "secrets.json"))
	if err != nil {
		return "", fmt.Errorf("read the stack's secrets: %w", err)
	}
	var file struct {
		JWT string `json:"jwtSecret"`
	}
	if err := json.Unmarshal(text, &file); err != nil || file.JWT == "" {
		return "", fmt.Errorf("there is no JWT secret in %s/secrets.json", dir)
	}
	return config.Secret(file.JWT), nil
}
