package world

import (
	"crypto/rand"
	"net/http"
	"time"
)

// Invite asks somebody, by a link, to be this person's trusted contact.
func (p *Person) Invite(name string) Contact {
	p.t.Helper()
	var c Contact
	p.Do(Call{Method: http.MethodPost, Path: "/v1/sos/contacts", Body: map[string]any{"name": name}}).
		Want(http.StatusCreated).Into(&c)
	return c
}

// Accept answers an invitation by its token.
func (p *Person) Accept(inviteToken string) Answer {
	p.t.Helper()
	return p.Do(Call{Method: http.MethodPost, Path: "/v1/sos/contact-invitations/accept", Body: map[string]any{"token": inviteToken}})
}

// Trusts makes the other one this person's contact, from invitation to acceptance.
func (p *Person) Trusts(other *Person) {
	p.t.Helper()
	other.Accept(p.Invite(other.Name).InviteToken).Want(http.StatusOK)
}

// NewKey is an Idempotency-Key that nobody has used.
func NewKey() string { return rand.Text() }

// Trigger calls for help as the app does: on 503, and on 202, it sends the same
// key again, until somebody has it in writing or patience ends. The answer is the last one.
func (p *Person) Trigger(key string, alarm Alarm) Answer {
	p.t.Helper()
	const pause = 200 * time.Millisecond
	call := Call{Method: http.MethodPost, Path: "/v1/sos/tickets", Body: alarm, Header: map[string]string{"Idempotency-Key": key}}
	for deadline := time.Now().Add(Patience); ; <-time.After(pause) {
		answer := p.Do(call)
		again := answer.Status == http.StatusServiceUnavailable || answer.Status == http.StatusAccepted
		if !again || time.Now().After(deadline) {
			return answer
		}
	}
}

// CallForHelp triggers an alarm under a new key and gives its ticket.
func (p *Person) CallForHelp(alarm Alarm) Triggered {
	p.t.Helper()
	var triggered Triggered
	p.Trigger(NewKey(), alarm).Want(http.StatusCreated).Into(&triggered)
	return triggered
}

// Look asks for the ticket: the answer as it is.
func (p *Person) Look(ticketID string) Answer {
	p.t.Helper()
	return p.Do(Call{Method: http.MethodGet, Path: "/v1/sos/tickets/" + ticketID})
}

// Command tells the ticket to acknowledge, resolve, cancel …: the answer as it is.
func (p *Person) Command(ticketID, command string, body map[string]any) Answer {
	p.t.Helper()
	call := Call{Method: http.MethodPost, Path: "/v1/sos/tickets/" + ticketID + "/" + command}
	if body != nil {
		call.Body = body
	}
	return p.Do(call)
}
