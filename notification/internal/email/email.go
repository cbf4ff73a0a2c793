// Package email gives a parcel the form of an e-mail or of a text message.
package email

import (
	"strings"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/mail"
	"github.com/loveapp/backend/shared/sms"
)

// Mail is the parcel as an e-mail. Sent twice, it is the same one.
func Mail(p domain.Parcel) mail.Message {
	return mail.Message{
		ID: string(p.ID), To: p.To.Address, Subject: p.Title, Text: said(p), HTML: p.HTML,
		Urgent: p.Priority == domain.Critical || p.Priority == domain.High,
	}
}

// said is never blank: many a notification is a title alone, and a text message
// without a body is refused for good.
func said(p domain.Parcel) string {
	if strings.TrimSpace(p.Text) == "" {
		return p.Title
	}
	return p.Text
}

// Text is the parcel as a text message.
func Text(p domain.Parcel, now time.Time) sms.Message {
	m := sms.Message{ID: string(p.ID), To: p.To.Address, Body: said(p)}
	if p.ExpiresAt != nil {
		m.ValidFor = p.TTL(now)
	}
	return m
}
