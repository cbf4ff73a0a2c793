package main

import (
	"context"
	"crypto/rand"
	"net/http"
)

// change is something that ends the person's session. ready does what must be
// done before, outside of the time that counts.
type change struct {
	name  string
	ready func(ctx context.Context, c *scene, p *person) (act, error)
}

// act makes the change by way of a gateway or of a copy of auth; undo makes the
// account as good as before.
type act struct{ do, undo func(at string) error }

func changes() []change {
	return []change{{"sign-out", signOut}, {"ban", ban}, {"new role", newRole}, {"new password", newPassword}}
}

func nothing(string) error { return nil }

func signOut(ctx context.Context, c *scene, p *person) (act, error) {
	return act{func(at string) error {
		return c.call(ctx, http.MethodPost, at+"/v1/auth/logout", p, map[string]any{"scope": "current"}, http.StatusNoContent, nil)
	}, nothing}, nil
}

func ban(ctx context.Context, c *scene, p *person) (act, error) {
	set := func(active bool) func(string) error {
		return func(at string) error { return c.supervise(ctx, at, p, map[string]any{"active": active}) }
	}
	return act{set(false), set(true)}, nil
}

func newRole(ctx context.Context, c *scene, p *person) (act, error) {
	role := map[string]string{"USER": "VOLUNTEER", "VOLUNTEER": "USER"}[p.role]
	return act{func(at string) error {
		p.role = role
		return c.supervise(ctx, at, p, map[string]any{"role": role})
	}, nothing}, nil
}

// newPassword is chosen on another device.
func newPassword(ctx context.Context, c *scene, p *person) (act, error) {
	other, chosen := *p, rand.Text()
	err := c.signIn(ctx, &other)
	return act{func(at string) error {
		return c.call(ctx, http.MethodPost, at+"/v1/auth/password/change", &other, map[string]any{"currentPassword": p.password, "newPassword": chosen}, http.StatusNoContent, nil)
	}, func(string) error {
		p.password = chosen
		return nil
	}}, err
}

func (c *scene) supervise(ctx context.Context, at string, p *person, patch map[string]any) error {
	return c.call(ctx, http.MethodPatch, at+"/v1/admin/users/"+p.id, c.admin, patch, http.StatusOK, nil)
}
