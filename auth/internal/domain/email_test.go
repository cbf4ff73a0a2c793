package domain_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/loveapp/backend/auth/internal/domain"
)

func TestAMailboxHasOneSpelling(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]domain.Email{
		"ana@example.org":             "ana@example.org",
		"Ana.B+tag@Example.ORG":       "ana.b+tag@example.org",
		"  ana@example.org ":          "ana@example.org",
		"o'neil_{x}@example.org":      "o'neil_{x}@example.org",
		"ａｎａ＠ｅｘａｍｐｌｅ．ｏｒｇ":             "ana@example.org",
		"ana@例え。テスト":                  "ana@xn--r8jz45g.xn--zckzah",
		"ana@bücher.example":          "ana@xn--bcher-kva.example",
		"ana@BÜCHER.example":          "ana@xn--bcher-kva.example",
		"ana@bu\u0308cher.example":    "ana@xn--bcher-kva.example",
		"ana@XN--BCHER-KVA.example":   "ana@xn--bcher-kva.example",
		"ana@faß.example":             "ana@xn--fa-hia.example",
		"straße@example.org":          "straße@example.org",
		"用户@例子.广告":                    "用户@xn--fsqu00a.xn--4rr70v",
		"a@b.co":                      "a@b.co",
		"ana@sub.sub.sub.example.org": "ana@sub.sub.sub.example.org",
	} {
		if got, why := domain.ParseEmail(raw); why != nil || got != want {
			t.Errorf("%q: got %q %v, want %q", raw, got, why, want)
		}
	}
}

func TestWhatIsNoMailboxIsRefused(t *testing.T) {
	t.Parallel()
	label := strings.Repeat("a", 63)
	for raw, want := range map[string]string{
		"":                                      "required",
		"   ":                                   "required",
		"ana":                                   "invalid_format",
		"@example.org":                          "invalid_format",
		"ana@":                                  "invalid_format",
		"ana@@example.org":                      "invalid_format",
		".ana@example.org":                      "invalid_format",
		"ana.@example.org":                      "invalid_format",
		"a..na@example.org":                     "invalid_format",
		`"ana"@example.org`:                     "invalid_format",
		"ana@example":                           "invalid_format",
		"ana@example.":                          "invalid_format",
		"ana@.example":                          "invalid_format",
		"ana@-a.example":                        "invalid_format",
		"ana@a-.example":                        "invalid_format",
		"ana@a_b.example":                       "invalid_format",
		"ana@[192.0.2.1]":                       "invalid_format",
		"ana@192.0.2.1":                         "invalid_format",
		"ana@a" + label + ".example":            "invalid_format",
		"ana@💥.example":                         "invalid_format",
		"an💥a@example.org":                      "invalid_format",
		"an a@example.org":                      "invalid_format",
		"an\u00a0a@example.org":                 "invalid_format",
		"ana@example.org\r\nBcc: x@y.org":       "invalid_format",
		"ana@example.org,eve@example.org":       "invalid_format",
		"<ana@example.org>":                     "invalid_format",
		strings.Repeat("a", 65) + "@b.co":       "too_long",
		"a@" + strings.Repeat("a.", 126) + "co": "too_long",
		strings.Repeat("a", 2000):               "too_long",
		"\u212aate@example.org":                 "confusable",
		"kate@\u212a.example":                   "confusable",
		"\u017fara@example.org":                 "confusable",
		"\u0130ra@example.org":                  "confusable",
		"an\u200ba@example.org":                 "confusable",
		"an\u200ca@example.org":                 "confusable",
		"an\ufeffa@example.org":                 "confusable",
		"an\u2060a@example.org":                 "confusable",
		"an\u00ada@example.org":                 "confusable",
		"an\u034fa@example.org":                 "confusable",
		"an\u3164a@example.org":                 "confusable",
		"ana\ufe0f@example.org":                 "confusable",
		"\u202eana@example.org":                 "confusable",
	} {
		got, why := domain.ParseEmail(raw)
		if why == nil || why.Code != want {
			t.Errorf("%q: got %q %+v, want %s", raw, got, why, want)
		}
	}
}

func TestACanonicalAddressStaysAsItIs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		email, why := domain.ParseEmail(rapid.String().Draw(t, "local") + "@" + rapid.StringMatching(`[a-zA-Zäößñ例]{1,8}\.[a-z]{2,4}`).Draw(t, "host"))
		if why != nil {
			t.Skip("no address")
		}
		if again, why := domain.ParseEmail(string(email)); why != nil || again != email {
			t.Fatalf("%q became %q %v", email, again, why)
		}
	})
}
