package auth_test

import (
	"strings"
	"testing"

	"github.com/loveapp/backend/auth"
)

func TestAProviderOfTextsHasAnAddressOnTheWeb(t *testing.T) {
	t.Parallel()
	letters := auth.Letters{TwilioAccountSID: "AC1", TwilioAuthToken: "secret", TwilioFrom: "+15005550006", TwilioBaseURL: "ftp://texts"}
	err := auth.Config{Letters: letters}.Validate()
	if err == nil || !strings.Contains(err.Error(), "TWILIO_BASE_URL cannot be used") {
		t.Errorf("it says %v", err)
	}
	letters.TwilioBaseURL = "https://texts.example.org"
	if err := (auth.Config{Letters: letters}).Validate(); err == nil || strings.Contains(err.Error(), "TWILIO") {
		t.Errorf("of a good one it says %v", err)
	}
}
