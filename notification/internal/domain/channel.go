package domain

import "time"

// Channel is a way to reach somebody who has no open socket. People switch
// channels on and off by category.
type Channel string

// The channels.
const (
	Push  Channel = "push"
	SMS   Channel = "sms"
	Email Channel = "email"
)

// Known tells whether there is such a channel.
func (c Channel) Known() bool { return c == Push || c == SMS || c == Email }

// Provider is who carries a message on a channel.
type Provider string

// The providers.
const (
	FCM     Provider = "fcm"     // Firebase Cloud Messaging, HTTP v1
	APNs    Provider = "apns"    // Apple Push Notification service
	WebPush Provider = "webpush" // whatever push service a browser uses (RFC 8030)
	Twilio  Provider = "sms"     // a Twilio-compatible service
	SMTP    Provider = "smtp"    // a mail server
)

// Channel is the one that the provider serves; "" for an unknown provider.
func (p Provider) Channel() Channel {
	switch p {
	case FCM, APNs, WebPush:
		return Push
	case Twilio:
		return SMS
	case SMTP:
		return Email
	}
	return ""
}

// Patience is what one attempt may take, whatever the sender's own time-out is. A
// mail server may think for long about a mail that it then takes, and who gives it
// up before sends it twice (RFC 5321 section 4.5.3.2.6).
func (p Provider) Patience() time.Duration {
	if p == SMTP {
		return 30 * time.Second
	}
	return 10 * time.Second
}
