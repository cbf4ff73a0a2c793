package sos_test

import (
	"strings"
	"testing"

	"github.com/loveapp/backend/sos"
)

func TestEveryMistakeAboutCallsIsNamed(t *testing.T) {
	t.Parallel()
	err := sos.Config{Calls: sos.Calls{CallTo: "112", AccountSID: "AC1", APIURL: "ftp://calls"}}.Validate()
	for _, want := range []string{"TWILIO_CALL_TO needs", "TWILIO_CALL_TO must be a whole number", "TWILIO_BASE_URL must be"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("it does not say %q: %v", want, err)
		}
	}
	err = sos.Config{Calls: sos.Calls{CallTo: "+4930123456", AccountSID: "AC1", AuthToken: "secret", From: "+15005550006"}}.Validate()
	if err == nil || strings.Contains(err.Error(), "TWILIO") {
		t.Errorf("of good ones it says %v", err)
	}
}
