package httpapi

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

const (
	idempotencyKey = "Idempotency-Key"
	maxKey         = 255
)

func validKey(key string) bool {
	if key == "" || len(key) > maxKey {
		return false
	}
	for i := range len(key) {
		if key[i] <= ' ' || key[i] > '~' {
			return false
		}
	}
	return true
}

// repeatable names the request, if its client wants to be able to repeat it.
// What was understood of the body counts, not how it was spelt.
func repeatable(r *http.Request, caller domain.Caller, route string, body any) (ports.Repeatable, error) {
	values := r.Header.Values(idempotencyKey)
	if len(values) == 0 {
		return ports.Repeatable{}, nil
	}
	if len(values) > 1 || !validKey(values[0]) {
		return ports.Repeatable{}, fault.NewInvalid(fault.Field{Field: idempotencyKey, Code: "invalid_format", Message: "must be one of 1 to 255 visible ASCII characters"})
	}
	text, err := json.Marshal(body)
	if err != nil {
		return ports.Repeatable{}, fmt.Errorf("encode the body of a request: %w", err)
	}
	return ports.Repeatable{Caller: caller.User, Route: route, Key: values[0], Body: sha256.Sum256(text)}, nil
}
