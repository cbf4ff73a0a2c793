package app

import "context"

func (a *App) follow(ctx context.Context, kept, what string) (context.Context, func(error)) {
	if a.needs.Follow == nil {
		return ctx, func(error) {}
	}
	return a.needs.Follow(ctx, kept, what)
}

func (a *App) begin(ctx context.Context, what string) (context.Context, func(error)) {
	if a.needs.Begin == nil {
		return ctx, func(error) {}
	}
	return a.needs.Begin(ctx, what)
}
