package sms_test

import (
	"strings"
	"testing"

	"github.com/loveapp/backend/shared/sms"
)

func TestAMessageIsTrimmedToTenSegmentsAndKeepsItsLink(t *testing.T) {
	t.Parallel()
	const link = "https://love.example/track#8StVsppQlz1th_5YTuJ_OwX0bOZvXwQhXlKivmXYER4"
	for name, c := range map[string]struct {
		text string
		most int // characters
		link bool
	}{
		"short":                {"Amina needs help. " + link, 200, true},
		"long, GSM":            {strings.Repeat("Amina needs help. ", 200) + link, 1530, true},
		"long, with euro":      {strings.Repeat("€ ", 2000) + link, 1530, true},
		"long, Arabic":         {strings.Repeat("مساعدة ", 400) + link, 670, true},
		"long, beyond the BMP": {strings.Repeat("🆘", 900) + " " + link, 670, true},
		"long without a link":  {strings.Repeat("help ", 1000), 1530, false},
		"a link in the middle": {link + strings.Repeat(" help", 1000), 1530, false},
	} {
		got := sms.Fit(c.text)
		if n := len([]rune(got)); n > c.most {
			t.Errorf("%s: %d characters are left, at most %d fit", name, n, c.most)
		}
		if c.link && !strings.HasSuffix(got, " "+link) {
			t.Errorf("%s: the link is gone: …%s", name, got[max(0, len(got)-80):])
		}
		if sms.Fit(got) != got {
			t.Errorf("%s: what was trimmed is trimmed again", name)
		}
	}
}
