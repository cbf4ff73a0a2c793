package domain

import "time"

// Change is one field of an edit: left alone, cleared, or set.
type Change struct {
	Given bool
	Value *string // nil clears
}

// ProfileEdit is what a user may change about themselves without proving who they are again.
type ProfileEdit struct {
	FirstName, LastName, Locale, Timezone Change
}

// Apply changes u and names the fields that are different now; one wrong value
// and nothing changes.
func (e ProfileEdit) Apply(u *User, now time.Time) (changed []string, err error) {
	next := *u
	var wrong refusals
	for _, f := range []struct {
		name   string
		change Change
		dst    *string
		parse  func(string) (string, *Refusal)
	}{
		{"firstName", e.FirstName, &next.FirstName, parseName},
		{"lastName", e.LastName, &next.LastName, parseName},
		{"locale", e.Locale, &next.Locale, parseLocale},
		{"timezone", e.Timezone, &next.Timezone, parseTimezone},
	} {
		before := *f.dst
		if f.change.Given {
			*f.dst = ""
			wrong.optional(f.name, f.dst, f.change.Value, f.parse)
		}
		if *f.dst != before {
			changed = append(changed, f.name)
		}
	}
	if err := wrong.err(); err != nil || len(changed) == 0 {
		return nil, err
	}
	next.UpdatedAt = now
	*u = next
	return changed, nil
}
