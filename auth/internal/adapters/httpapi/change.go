package httpapi

import (
	"encoding/json"

	"github.com/loveapp/backend/auth/internal/domain"
)

// change is a field of a merge patch (RFC 7396): absent leaves alone, null clears.
type change domain.Change

// UnmarshalJSON is only called for a key that is there.
func (c *change) UnmarshalJSON(data []byte) error {
	c.Given = true
	return json.Unmarshal(data, &c.Value)
}
