package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/loveapp/backend/deployments/local/internal/topology"
)

// ask runs another command of a service's program, as that service is
// configured. The flags of up say again what the stack is like.
func ask(ctx context.Context, o options) error {
	const words = 2
	if len(o.args) != words {
		return errors.New("ask takes the name of a service and a command: stack ask notification-1 loss-audit")
	}
	p, err := plan(o)
	if err != nil {
		return err
	}
	if p.Secrets, err = topology.LoadSecrets(p.Dir); err != nil {
		return err
	}
	for _, s := range p.Services() {
		if s.Name != o.args[0] {
			continue
		}
		cmd := exec.CommandContext(ctx, p.Binary(s.Kind), o.args[1]) //nolint:gosec // our own program
		cmd.Dir, cmd.Env = p.Work(s.Name), p.Env(s)
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		return cmd.Run()
	}
	return fmt.Errorf("there is no service %s", o.args[0])
}
