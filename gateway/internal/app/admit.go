package app

import (
	"context"
	"net/netip"
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
)

// Counter is who decided.
type Counter string

// The counters.
const (
	Nobody  Counter = "nobody"  // the class has no limit
	Shared  Counter = "shared"  // all gateways together
	Local   Counter = "local"   // this gateway, while the shared counter is away
	Earlier Counter = "earlier" // an earlier denial that still holds
)

// Admission is the decision about one request.
type Admission struct {
	domain.Verdict
	By Counter
}

// Admit counts one request of the caller against the limits of its class. It
// always decides: when the shared counter fails, the local one does.
func (a *App) Admit(ctx context.Context, class domain.Class, caller domain.Caller) Admission {
	policy := a.policy(class, caller)
	if !policy.On() {
		return Admission{Verdict: domain.Verdict{Allowed: true}, By: Nobody}
	}
	client, now := caller.Client(), a.config.Now()
	if v, holds := a.denials.find(client, class, now); holds {
		return Admission{Verdict: v, By: Earlier}
	}
	decided := a.count(ctx, class, client, policy)
	if !decided.Allowed {
		a.denials.add(client, class, decided.Verdict, now)
	}
	return decided
}

func (a *App) policy(class domain.Class, caller domain.Caller) domain.Policy {
	if caller.Known == "" && within(caller.Address, a.config.SharedAddresses) {
		return a.policies[class].many
	}
	return a.policies[class].own
}

func (a *App) count(ctx context.Context, class domain.Class, client domain.Client, policy domain.Policy) Admission {
	if a.outage.mayTry(a.config.Now()) {
		v, err := a.countShared(ctx, client, policy)
		if err == nil {
			return Admission{Verdict: v, By: Shared}
		}
	}
	v, err := a.config.Local.Take(ctx, client, policy.Share(a.config.Gateways))
	if err != nil { // nobody counts: guessing passwords must not become free
		v = domain.Verdict{Allowed: class != domain.Credentials, Limit: policy.Bucket}
		if !v.Allowed {
			v.RetryAfter = time.Second
		}
	}
	return Admission{Verdict: v, By: Local}
}

func (a *App) countShared(ctx context.Context, client domain.Client, policy domain.Policy) (domain.Verdict, error) {
	v, err := a.config.Shared.Take(ctx, client, policy)
	switch {
	case err == nil:
		if a.outage.end() {
			a.config.Logger.InfoContext(ctx, "rate limits are shared again")
		}
	case ctx.Err() == nil: // else the client left, which says nothing about the counter
		if a.outage.begin(a.config.Now()) {
			a.config.Logger.WarnContext(ctx, "rate limits are counted locally", "error", err)
		}
	}
	return v, err
}

func within(addr netip.Addr, prefixes []netip.Prefix) bool {
	for _, p := range prefixes {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}
