package failure

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"time"
)

// The ladder of a run: that of production takes minutes, and a run has none.
const (
	firstStep  = 5 * time.Second
	secondStep = 10 * time.Second
	repeatStep = 10 * time.Second // the shortest that is allowed
)

// Admin is the account that a stack is to be started with, for a run to set its
// own escalation policy.
type Admin struct{ email, password string }

// NewAdmin makes one up.
func NewAdmin() Admin { return Admin{"admin@example.org", rand.Text()} }

// Env is what the stack must be started with.
func (a Admin) Env() []string {
	return []string{"ADMIN_EMAIL=" + a.email, "ADMIN_PASSWORD=" + a.password}
}

// hasten puts the run's ladder in force.
func (a Admin) hasten(ctx context.Context, p *phone) error {
	p.name = "Admin"
	r, err := p.until(ctx, statusIs(http.StatusOK), func() reply {
		return p.call(ctx, http.MethodPost, "/v1/auth/login", map[string]any{"email": a.email, "password": a.password})
	})
	if err != nil {
		return fmt.Errorf("sign in the administrator: %w", err)
	}
	if err := p.keep(r); err != nil {
		return err
	}
	level := func(after time.Duration) map[string]any {
		return map[string]any{
			"afterSeconds": after.Seconds(), "targets": []any{map[string]any{"who": "contacts", "channels": []string{"socket", "push"}}},
		}
	}
	_, err = p.until(ctx, statusIs(http.StatusOK), func() reply {
		return p.call(ctx, http.MethodPut, "/v1/admin/sos/escalation-policy", map[string]any{
			"levels": []any{level(0), level(firstStep), level(secondStep)}, "repeatSeconds": repeatStep.Seconds(),
		})
	})
	if err != nil {
		return fmt.Errorf("set the escalation policy: %w", err)
	}
	return nil
}
