package domain

import (
	"fmt"
	"strings"

	"github.com/loveapp/backend/sos/internal/domain/atlas"
	"github.com/loveapp/backend/sos/internal/domain/hotline"
)

// EmergencyNumber is whom to dial, and who says so. It is guidance.
type EmergencyNumber = hotline.Number

// CountryAt is where the place is: ISO 3166-1 alpha-2, "" at sea and for a
// place that is not known.
func CountryAt(l *Location) string {
	if l == nil {
		return ""
	}
	return atlas.World().Country(l.Latitude, l.Longitude)
}

// EmergencyNumbers are those to dial at the place, the best first; the
// worldwide one for a place that is not known. Never empty.
func EmergencyNumbers(l *Location) []EmergencyNumber {
	return hotline.Reviewed().In(CountryAt(l))
}

// Fallback is what a phone can do without us.
type Fallback struct {
	Tel     string
	SMSText string
}

// FallbackFor works out what to dial and what to text from the request alone:
// it is for when nothing else can be reached.
func FallbackFor(p Press) Fallback {
	return Fallback{Tel: NumberFor(EmergencyNumbers(p.Location), p.Type).Number, SMSText: smsText(p)}
}

// NumberFor is the one of the numbers for that kind of emergency.
func NumberFor(numbers []EmergencyNumber, kind EmergencyType) EmergencyNumber {
	return hotline.Best(numbers, kind.service())
}

// service is who comes.
func (t EmergencyType) service() hotline.Service {
	switch t {
	case Medical, Accident, MentalHealth:
		return hotline.Ambulance
	case Fire:
		return hotline.Fire
	case Violence, Theft, Harassment:
		return hotline.Police
	default:
		return hotline.Emergency
	}
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

// KnownCountry tells whether country is the ISO 3166-1 code of a place on the map.
func KnownCountry(country string) bool {
	return atlas.World().Has(country)
}
