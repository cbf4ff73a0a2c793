package domain

// Target is where one message goes. Which fields it has follows from Provider.
type Target struct {
	Channel  Channel
	Provider Provider
	Device   DeviceID // of a push, else ""
	Address  string   // of sms (E.164, with the plus) and email
	Token    string   // of fcm and apns
	// Environment and AppID are of apns: which of Apple's two services knows the
	// token, and the bundle id that the message is for.
	Environment  Environment
	AppID        string
	Subscription Subscription // of webpush
	Locale       string       // of whoever reads it; "" where it is not known
}

// Environment says which of Apple's services an app was built for.
type Environment string

// Apple's services.
const (
	Production Environment = "production"
	Sandbox    Environment = "sandbox"
)

// Subscription is what a browser gives to be reached by (W3C Push API): where
// its push service takes messages, and the keys that only it can open them with
// (RFC 8291 section 3). All are as the browser gave them: an https URL, and
// base64url of 65 and 16 bytes.
type Subscription struct {
	Endpoint string
	P256DH   string
	Auth     string
}

// Empty tells whether there is none.
func (s Subscription) Empty() bool { return s == Subscription{} }
