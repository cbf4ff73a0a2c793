package domain

// Fallback is what a phone does when an alarm cannot be delivered: dial, or send the text.
type Fallback struct {
	Tel     string `json:"tel"`
	SMSText string `json:"smsText"`
}

// EmergencyFallback is the number that mobile networks of most countries
// connect, also without a SIM (ETSI TS 122 101 section 10).
func EmergencyFallback() Fallback {
	return Fallback{Tel: "112", SMSText: "SOS. I need help. My phone could not reach the Love App."}
}
