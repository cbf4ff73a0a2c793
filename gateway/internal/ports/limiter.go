// Package ports says what the gateway's use cases need from outside.
package ports

import (
	"context"

	"github.com/loveapp/backend/gateway/internal/domain"
)

// Limiter counts the requests of clients.
type Limiter interface {
	// Take decides one request of the client. Either every limit of the policy
	// counts it, or, where one of them denies it, none does. Requests at the
	// same time are decided one after the other. It fails when it cannot decide,
	// soon enough for a request to wait for that; then nothing is promised about
	// what was counted.
	Take(ctx context.Context, client domain.Client, p domain.Policy) (domain.Verdict, error)
}
