package domain

import (
	"maps"
	"strings"
)

// letter is a text with {link}, {code} and {date} to be filled in. No text holds
// anything that a person has typed: nobody can have us mail their words.
type letter struct{ subject, body string }

// lettersIn gives the texts of the language of a BCP 47 tag; English where we have none.
func lettersIn(locale string) map[Template]letter {
	language, _, _ := strings.Cut(locale, "-")
	var texts map[Template]letter
	switch language {
	case "fr":
		texts = french()
	case "es":
		texts = spanish()
	default:
		texts = english()
	}
	maps.Copy(texts, mfaLetters(language))
	return texts
}

func english() map[Template]letter {
	return map[Template]letter{
		LetterVerify: {"Confirm your e-mail address", `Welcome to Love App.

Please confirm that this is your e-mail address:

{link}

The link works once, within 24 hours. If you have not signed up, ignore this message.
`},
		LetterChange: {"Confirm your new e-mail address", `This address is to become that of your Love App account. Please confirm it:

{link}

The link works once, within an hour. If you did not ask for this, ignore this message.
`},
		LetterInUse: {"This e-mail address has an account already", `Somebody wanted to make this the address of another Love App account. It has an account already, so nothing was changed.

If it was you, sign in with this address. If not, you need not do anything.
`},
		LetterEmailChanged: {"The e-mail address of your account was changed", `Your Love App account has another e-mail address now, and this one no longer opens it.

If you did not do this, contact us at once.
`},
		LetterReset: {"Choose a new password", `You, or somebody else, asked for a new password for your Love App account. Choose it here:

{link}

The link works once, within an hour. If you did not ask for this, ignore this message: your password stays as it is.
`},
		LetterPasswordChanged: {"Your password was changed", `The password of your Love App account was changed, and other devices were signed out.

If you did not do this, ask for a new password in the app at once.
`},
		LetterDeletion: {"Your account will be deleted", `As you asked, your Love App account and its data will be deleted on {date}.

If you change your mind, sign in before then: that keeps everything.
`},
		TextCode: {"", `Love App: your code is {code}. It works for 10 minutes. Give it to nobody.`},
	}
}
