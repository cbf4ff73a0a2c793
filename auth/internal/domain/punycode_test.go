package domain_test

import (
	"testing"

	"github.com/loveapp/backend/auth/internal/domain"
)

// The samples of RFC 3492 section 7.1, in lower case.
func TestLabelsAreEncodedAsTheStandardHasThem(t *testing.T) {
	t.Parallel()
	for label, want := range map[string]string{
		"ليهمابتكلموشعربي؟":                        "", // a question mark is no letter
		"他们为什么不说中文":                                "xn--ihqwcrb4cv8a8dqg056pqjye",
		"他們爲什麽不說中文":                                "xn--ihqwctvzc91f659drss3x8bo0yb",
		"pročprostěnemluvíčesky":                   "xn--proprostnemluvesky-uyb24dma41a",
		"なぜみんな日本語を話してくれないのか":                       "xn--n8jok5ay5dzabd5bym9f0cm5685rrjetr6pdxa",
		"почемужеонинеговорятпорусски":             "xn--b1abfaaepdrnnbgefbadotcwatmq2g4l",
		"porquénopuedensimplementehablarenespañol": "xn--porqunopuedensimplementehablarenespaol-fmd56a",
		"3年b組金八先生":                                 "xn--3b-ww4c5e180e575a65lsy2b",
		"ü":                                        "xn--tda",
		"münchen":                                  "xn--mnchen-3ya",
	} {
		got, why := domain.ParseEmail("a@" + label + ".example")
		if want == "" {
			if why == nil {
				t.Errorf("%s: accepted as %s", label, got)
			}
			continue
		}
		if why != nil || string(got) != "a@"+want+".example" {
			t.Errorf("%s: got %s %v, want %s", label, got, why, want)
		}
	}
}
