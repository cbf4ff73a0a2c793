package twilio

import (
	"encoding/xml"
	"errors"
	"fmt"

	"github.com/loveapp/backend/sos/internal/domain"
)

// maxScript is the most that the provider takes of a script, in characters.
const maxScript = 4000

// response is TwiML: what is said twice, for whoever has just picked up, and who is joined then.
type response struct {
	XMLName xml.Name `xml:"Response"`
	Say     []say    `xml:"Say"`
	Dial    *dial    `xml:"Dial,omitempty"`
}

type say struct {
	Language string `xml:"language,attr"`
	Text     string `xml:",chardata"`
}

type dial struct {
	Timeout  string `xml:"timeout,attr"`
	CallerID string `xml:"callerId,attr"`
	Number   string `xml:"Number"`
}

func script(order domain.CallOrder, from string) (string, error) {
	spoken := say{"en-GB", order.Words}
	r := response{Say: []say{spoken, spoken}}
	if order.Join != "" {
		r.Dial = &dial{ringFor, from, order.Join}
	}
	text, err := xml.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("write what is to be said: %w", err)
	}
	if len([]rune(string(text))) > maxScript {
		return "", errors.New("there is more to be said than the provider takes")
	}
	return string(text), nil
}
