// Package email gives a parcel the form of an e-mail or of a text message.
package email

import (
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/mail"
	"github.com/loveapp/backend/shared/sms"
)

// Mail is the parcel as an e-mail. Sent twice, it is the same one.
func Mail(p domain.Parcel) mail.Message {
	return mail.Message{
		ID: string(p.ID), To: p.To.Address, Subject: p.Title, Text: p.Text, HTML: p.HTML,
		Urgent: p.Priority == domain.Critical || p.Priority == domain.High,
	}
}

// Text is the parcel as a text message.
func Text(p domain.Parcel, now time.Time) sms.Message {
	m := sms.Message{ID: string(p.ID), To: p.To.Address, Body: p.Text}
	if p.ExpiresAt != nil {
		m.ValidFor = p.TTL(now)
	}
	return m
}
