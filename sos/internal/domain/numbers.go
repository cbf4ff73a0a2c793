package domain

import (
	"fmt"
	"strings"
)

// EmergencyNumber is whom to dial, and who says so. It is guidance.
type EmergencyNumber struct {
	Service string
	Number  string
	Source  string
}

// worldwide is 112: TS 22.101 section 10.1 has every GSM, UMTS and LTE phone
// treat it as an emergency call wherever it is, even without a SIM, and route
// it to the local services.
var worldwide = EmergencyNumber{Service: "emergency", Number: "112", Source: "3GPP TS 22.101 section 10.1"}

// EmergencyNumbers are those to dial at the place, the best first; nil for a
// place that is not known. Never empty.
func EmergencyNumbers(_ *Location) []EmergencyNumber {
	return []EmergencyNumber{worldwide}
}

// Fallback is what a phone can do without us.
type Fallback struct {
	Tel     string
	SMSText string
}

// FallbackFor works out what to dial and what to text from the request alone:
// it is for when nothing else can be reached.
func FallbackFor(p Press) Fallback {
	return Fallback{Tel: EmergencyNumbers(p.Location)[0].Number, SMSText: smsText(p)}
}

// smsText stays within the 160 characters of one message (3GPP TS 23.038, GSM
// 7-bit): a second part may not arrive.
func smsText(p Press) string {
	text := "SOS, I need help"
	if p.Type != OtherType && p.Type != "" {
		text += " (" + strings.ReplaceAll(string(p.Type), "_", " ") + ")"
	}
	if p.Drill {
		text = "DRILL, no emergency: " + text
	}
	if p.Location == nil {
		return text + "."
	}
	at := fmt.Sprintf("%.5f,%.5f", p.Location.Latitude, p.Location.Longitude) // 5 decimals are about a metre
	return text + ". I am at " + at + " https://maps.google.com/?q=" + at
}
