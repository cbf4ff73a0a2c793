// Package domain holds the rules of a call for help: who may do what to a
// ticket in which state, who is told, who may be asked to help. It does no I/O
// and is told the time.
package domain

// UserID is an account of the auth service; opaque here.
type UserID string

// TicketID follows from who pressed and with which key (UUIDv5), so that a
// retry after any failure makes the same ticket.
type TicketID string

// PressID is one press of the button: the id its ticket has, or would have had
// if it had not joined an open one.
type PressID string

// ContactID is one person in somebody's list of trusted contacts.
type ContactID string

// InvitationID is one invitation by link; its token is derived from it.
type InvitationID string
