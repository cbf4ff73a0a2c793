package domain

import (
	"slices"

	"github.com/loveapp/backend/shared/fault"
)

// Wording is a draft's words in the languages of those who read them, made out
// of a template when the draft was.
type Wording struct {
	// Said has the words by language, Reads who reads which. Who is not in it reads
	// the draft's own Title and Body.
	Said  map[Locale]Words
	Reads map[UserID]Locale
}

// Missing are the template's variables that values lack.
func (t Template) Missing(values Values) (names []string) {
	for _, name := range t.Variables {
		if values[name] == "" {
			names = append(names, name)
		}
	}
	return names
}

// Spoken is the best of the template's languages for somebody of that locale.
func (t Template) Spoken(locale Locale) Locale {
	for _, l := range locale.fallbacks() {
		if _, ok := t.Texts[l]; ok {
			return l
		}
	}
	return DefaultLocale
}

// Worded fills the template in from the draft's data: the draft then says so in
// DefaultLocale, and in each other language of the template. It names the fields
// that keep it from that.
func (d *Draft) Worded(t Template) []fault.Field {
	var c check
	values := ValuesOf(d.Data)
	for _, name := range t.Missing(values) {
		c.that(false, "data."+name, "required", "must be given: the template "+string(t.Name)+" needs it")
	}
	if len(c.wrong) > 0 {
		return c.wrong
	}
	d.Wording = Wording{Said: make(map[Locale]Words, len(t.Texts))}
	for locale := range t.Texts {
		words, err := t.Say(locale, values)
		if err != nil || words.Title == "" {
			c.that(false, "template", "not_usable", "cannot be filled in with this data")
			return c.wrong
		}
		d.Said[locale] = words
	}
	d.Title, d.Body = d.Said[DefaultLocale].Title, d.Said[DefaultLocale].Body
	delete(d.Said, DefaultLocale)
	return nil
}

// Addressed says what language each user reads. locales are as their accounts
// have them.
func (d *Draft) Addressed(t Template, locales map[UserID]string) {
	d.Reads = map[UserID]Locale{}
	for _, user := range d.Users {
		read, _ := ParseLocale(locales[user])
		if spoken := t.Spoken(read); spoken != DefaultLocale {
			d.Reads[user] = spoken
		}
	}
}

// ByReader gives the draft in the words of each of its users, in their order;
// those who read the same share one.
func (d *Draft) ByReader() []*Draft {
	versions := map[Locale]*Draft{}
	drafts := make([]*Draft, len(d.Users))
	for i, user := range d.Users {
		locale := d.Reads[user]
		words, other := d.Said[locale]
		if !other {
			drafts[i] = d
			continue
		}
		if versions[locale] == nil {
			version := *d
			version.Title, version.Body = words.Title, words.Body
			versions[locale] = &version
		}
		drafts[i] = versions[locale]
	}
	return drafts
}

// Without is the draft without one of its users.
func (d Draft) Without(user UserID) Draft {
	d.Users = slices.DeleteFunc(slices.Clone(d.Users), func(u UserID) bool { return u == user })
	reads := make(map[UserID]Locale, len(d.Reads))
	for u, locale := range d.Reads {
		if u != user {
			reads[u] = locale
		}
	}
	d.Reads = reads
	return d
}
