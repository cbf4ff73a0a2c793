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

	AuditEmailVerified     AuditKind = "user.email_verified"
	AuditEmailChanged      AuditKind = "user.email_changed"
	AuditPhoneVerified     AuditKind = "user.phone_verified"
	AuditPasswordChanged   AuditKind = "user.password_changed"
	AuditPasswordReset     AuditKind = "user.password_reset"
	AuditDeletionPlanned   AuditKind = "user.deletion_planned"
	AuditDeletionCancelled AuditKind = "user.deletion_cancelled"
	AuditErased            AuditKind = "user.erased"
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
