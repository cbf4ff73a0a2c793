package domain_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/loveapp/backend/auth/internal/domain"
)

func TestAPasswordIsWhatOthersWouldNotTryFirst(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"correct horse battery":    "",
		"çok güzel bir şifre":      "",
		"😀😀😀😀😀😀😀😀":                 "",
		"Ana is fond of icecream":  "",
		strings.Repeat("xy", 64):   "",
		"":                         "required",
		"1234567":                  "too_short",
		"😀😀😀😀😀😀😀":                  "too_short",
		strings.Repeat("x", 129):   "too_long",
		strings.Repeat("😀", 129):   "too_long",
		strings.Repeat("x", 1<<20): "too_long",
		"password":                 "too_common",
		"PassWord1":                "too_common",
		"Ｐａｓｓｗｏｒｄ":                 "too_common",
		"qwertyuiop":               "too_common",
		"iloveyou":                 "too_common",
		"P@ssw0rd":                 "too_common",
		"secret123":                "too_common",
		"ana.oeztuerk@example.org": "too_guessable",
		"ana.oeztuerk":             "too_guessable",
		"OeztuerkAna1":             "too_guessable",
		"Öztürk123":                "too_guessable",
		"loveapp1":                 "too_guessable",
		"LoveLove1":                "too_guessable",
	} {
		_, why := domain.ChosenPassword(raw, "ana.oeztuerk@example.org", "Ana", "Öztürk")
		if want == "" && why != nil || want != "" && (why == nil || why.Code != want) {
			t.Errorf("%q: got %+v, want %q", raw, why, want)
		}
	}
}

func TestAnAddressOfShortWordsIsNoPasswordEither(t *testing.T) {
	t.Parallel()
	if _, why := domain.ChosenPassword("jo.k.al1", "jo.k.al@example.org"); why == nil || why.Code != "too_guessable" {
		t.Errorf("got %+v", why)
	}
}

func TestSigningInJudgesTheSizeOnly(t *testing.T) {
	t.Parallel()
	for raw, ok := range map[string]bool{"x": true, "password": true, "": false, strings.Repeat("x", 128): true, strings.Repeat("x", 129): false} {
		if _, why := domain.TypedPassword(raw); (why == nil) != ok {
			t.Errorf("%q: %+v", raw, why)
		}
	}
	composed, _ := domain.TypedPassword("p\u00e4ss")
	decomposed, _ := domain.TypedPassword("pa\u0308ss")
	if composed != decomposed {
		t.Error("two keyboards, two passwords")
	}
}

func TestAPasswordDoesNotPrintItself(t *testing.T) {
	t.Parallel()
	const secret domain.Password = "correct horse"
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if text := fmt.Sprintf(verb, secret) + fmt.Sprintf(verb, domain.Credentials{Password: secret}); strings.Contains(text, "horse") {
			t.Errorf("%s: %s", verb, text)
		}
	}
}
