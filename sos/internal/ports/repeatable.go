package ports

import (
	"crypto/sha256"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

// RepeatableFor is how long a key stands for its request.
const RepeatableFor = 24 * time.Hour

// Repeatable is a request that must have one answer however often it is sent:
// same caller, route and key. The zero value is a request without a key.
type Repeatable struct {
	Caller domain.UserID
	Route  string
	Key    string
	Body   [sha256.Size]byte // of what was asked
}
