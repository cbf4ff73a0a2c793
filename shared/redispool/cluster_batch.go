package redispool

import (
	"context"
	"strconv"

	"github.com/mna/redisc"
	"golang.org/x/sync/errgroup"
)

// run implements topology: the nodes work side by side.
func (c *cluster) run(ctx context.Context, commands []Command) ([]any, []error, error) {
	replies, refusals := make([]any, len(commands)), make([]error, len(commands))
	group, ctx := errgroup.WithContext(ctx)
	for _, numbers := range c.byNode(commands) {
		group.Go(func() error {
			mine := make([]Command, len(numbers))
			for i, n := range numbers {
				mine[i] = commands[n]
			}
			answers, refused, err := c.runOn(ctx, mine)
			if err != nil {
				return err
			}
			for i, n := range numbers {
				replies[n], refusals[n] = answers[i], refused[i]
			}
			return nil
		})
	}
	return replies, refusals, group.Wait()
}

// byNode gives the numbers of the commands that go to the same node, in their order.
func (c *cluster) byNode(commands []Command) map[string][]int {
	now := c.layout.Load()
	groups := map[string][]int{}
	for i, command := range commands {
		node := now.holder(command.place())
		groups[node] = append(groups[node], i)
	}
	return groups
}

// holder names the node of the key. Where that is not known each slot is as good
// as a node of its own; where it has changed, the node says so.
func (l *layout) holder(key string) string {
	slot := redisc.Slot(key)
	if l == nil || len(l[slot]) == 0 {
		return strconv.Itoa(slot)
	}
	return l[slot][0]
}

// runOn sends the commands to the node of the first one. Those whose key has
// moved away from there are sent after it one by one.
func (c *cluster) runOn(ctx context.Context, commands []Command) ([]any, []error, error) {
	replies, refusals, err := c.pipelineTo(ctx, commands)
	if err != nil {
		return nil, nil, err
	}
	for i, refusal := range refusals {
		if refusal != nil && (redisc.ParseRedir(refusal) != nil || redisc.IsTryAgain(refusal)) {
			replies[i], refusals[i] = c.follow(ctx, commands[i])
		}
	}
	return replies, refusals, nil
}

func (c *cluster) pipelineTo(ctx context.Context, commands []Command) ([]any, []error, error) {
	conn := c.redisc.Get()
	defer func() { _ = conn.Close() }()
	if err := redisc.BindConn(conn, commands[0].place()); err != nil {
		return nil, nil, err
	}
	return pipeline(ctx, conn, commands)
}

func (c *cluster) follow(ctx context.Context, command Command) (any, error) {
	conn, err := c.get(ctx, command.place())
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.close() }()
	return conn.do(ctx, command.Name, command.Args...)
}
