package world

import "github.com/loveapp/backend/test/stack"

// realWorld is a stack of processes that others use at the same time.
type realWorld struct{ gateways []string }

// Real is a running stack: nginx first, then the gateways behind it. It has as
// many copies of everything as the stack has, and goes on when the test ends.
func Real(s *stack.Stack) World {
	return realWorld{gateways: append([]string{s.URL}, s.Gateways...)}
}

// StackEnv are the settings that make a stack a world: its first administrator.
func StackEnv() []string {
	return []string{"ADMIN_EMAIL=" + adminEmail, "ADMIN_PASSWORD=" + adminPassword}
}

// Gateways are nginx's URL and the gateways' own.
func (w realWorld) Gateways() []string { return w.gateways }
