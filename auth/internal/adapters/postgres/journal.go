package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/loveapp/backend/auth/internal/domain"
)

const insertEvent = `INSERT INTO audit_events (id, at, kind, user_id, session_id, ip, user_agent, data)
	VALUES ($1, $2, $3, $4, NULLIF($5, '')::uuid, $6, $7, $8)`

// Record adds an event; the service's role has no right to do more with the table.
func (t *tx) Record(ctx context.Context, e domain.AuditEvent) error {
	data := []byte("{}")
	if len(e.Data) > 0 {
		var err error
		if data, err = json.Marshal(e.Data); err != nil {
			return fmt.Errorf("encode audit event: %w", err)
		}
	}
	_, err := t.ExecContext(ctx, insertEvent, e.ID, e.At, string(e.Kind), string(e.User), string(e.Session), e.Origin.IP, e.Origin.UserAgent, string(data))
	if err != nil {
		return fmt.Errorf("insert audit event: %w", err)
	}
	return nil
}
