package domain

import "time"

// AuditKind names what happened.
type AuditKind string

// What is remembered of an account's life.
const (
	AuditRegistered     AuditKind = "user.registered"
	AuditAdminCreated   AuditKind = "user.admin_created"
	AuditSignedIn       AuditKind = "session.started"
	AuditSignedOut      AuditKind = "session.ended"
	AuditTheft          AuditKind = "session.theft_detected"
	AuditProfileChanged AuditKind = "user.profile_changed"
	AuditSupervised     AuditKind = "user.supervised"
	AuditRevoked        AuditKind = "user.sessions_revoked"
	AuditMFAEnabled     AuditKind = "mfa.enabled"
	AuditMFADisabled    AuditKind = "mfa.disabled"
	AuditLinked         AuditKind = "identity.linked"
	AuditMFALocked      AuditKind = "mfa.locked"
)

// AuditEvent is one line of the record that can only grow. Data holds names of
// fields, ids and roles, never what people have written.
type AuditEvent struct {
	ID      string
	At      time.Time
	Kind    AuditKind
	User    UserID
	Session SessionID // "" where none is concerned
	Origin  Origin
	Data    map[string]any
}
