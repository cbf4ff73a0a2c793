package failure

import (
	"context"

	"github.com/loveapp/backend/test/stack"
)

// Restart ends a process as an operator does who is in a hurry: PostgreSQL cuts
// its clients off and writes down what it has. The stack goes on as after a death.
func Restart(role string) Fault {
	return Fault{Name: "restart " + role, Inject: func(ctx context.Context, s *stack.Stack) (string, error) {
		name, err := anyOf(ctx, s, role)
		if err != nil {
			return "", err
		}
		return name, s.Signal(ctx, name, "INT")
	}}
}
