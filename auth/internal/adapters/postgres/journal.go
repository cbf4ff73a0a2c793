package postgres

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"

	"github.com/loveapp/backend/auth/internal/domain"
)

const (
	insertEvent = `INSERT INTO audit_events (id, at, kind, user_id, session_id, data, origin)
	VALUES ($1, $2, $3, $4, NULLIF($5, '')::uuid, $6, $7)`

	// insertEventAndOrigin is one round trip: every sign-in takes it.
	insertEventAndOrigin = `WITH recorded AS (` + insertEvent + `)
	INSERT INTO audit_origins (event_id, person, ip, user_agent, salt) VALUES ($1, $8, $9, $10, $11)`
)

// Record adds an event; the service's role has no right to do more with the table.
func (t *tx) Record(ctx context.Context, e domain.AuditEvent) error {
	data := []byte("{}")
	if len(e.Data) > 0 {
		var err error
		if data, err = json.Marshal(e.Data); err != nil {
			return fmt.Errorf("encode audit event: %w", err)
		}
	}
	salt := make([]byte, domain.OriginSaltBytes)
	_, _ = rand.Read(salt) // never fails (Go 1.24)
	query, commitment := insertEvent, e.Origin.Commitment(salt)
	args := []any{e.ID, e.At, string(e.Kind), string(e.User), string(e.Session), string(data), commitment}
	if commitment != "" {
		query = insertEventAndOrigin
		args = append(args, string(e.Person()), e.Origin.IP, e.Origin.UserAgent, salt)
	}
	if _, err := t.ExecContext(ctx, query, args...); err != nil {
		return fmt.Errorf("insert audit event: %w", err)
	}
	return nil
}
