package domain

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/loveapp/backend/shared/fault"
)

// check collects what is wrong with a draft.
type check struct {
	prefix string
	wrong  []fault.Field
}

func (c *check) that(ok bool, field, code, message string) {
	if !ok {
		c.wrong = append(c.wrong, fault.Field{Field: c.prefix + field, Code: code, Message: message})
	}
}

func (c *check) text(field, value string, length, limit int, unit string) {
	c.that(value != "", field, "required", "must be given")
	c.length(field, length, limit, unit)
}

func (c *check) length(field string, length, limit int, unit string) {
	c.that(length <= limit, field, "too_long", fmt.Sprintf("must have at most %d %s", limit, unit))
}

// users gives each recipient once, in order of their ids.
func (c *check) users(texts []string) []UserID {
	c.that(len(texts) > 0, "userIds", "required", "must name at least one user")
	if len(texts) > MaxUsers {
		c.that(false, "userIds", "too_many", fmt.Sprintf("must name at most %d users", MaxUsers))
		return nil
	}
	users := make([]UserID, 0, len(texts))
	for i, text := range texts {
		id, ok := ParseUserID(text)
		c.that(ok, fmt.Sprintf("userIds[%d]", i), "invalid_format", "must be a user's id")
		users = append(users, id)
	}
	slices.Sort(users)
	return slices.Compact(users)
}

func (c *check) expiry(at *time.Time, now time.Time) {
	if at == nil {
		return
	}
	c.that(plausible(*at), "expiresAt", "out_of_range", "must be a time between 2000 and 2200")
	c.that(at.After(now), "expiresAt", "in_the_past", "must be in the future")
}

// data makes sure of a kind, which clients branch on. Members stay as they were
// written: a number may have more digits than a float64 holds.
func (c *check) data(raw json.RawMessage, fallback string) json.RawMessage {
	members := map[string]json.RawMessage{}
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &members); err != nil {
			c.that(false, "data", "invalid_type", "must be an object")
			return nil
		}
	}
	if members == nil { // null
		members = map[string]json.RawMessage{}
	}
	kind := fallback
	if given, ok := members["kind"]; ok {
		err := json.Unmarshal(given, &kind)
		c.that(err == nil && kind != "" && len(kind) <= MaxKind, "data.kind", "invalid_format", "must be a short text")
	}
	members["kind"] = quoted(kind)
	encoded, err := json.Marshal(members)
	c.that(err == nil, "data", "invalid_type", "must be an object")
	c.length("data", len(encoded), MaxData, "bytes")
	return encoded
}

func quoted(text string) json.RawMessage {
	encoded, _ := json.Marshal(text) // a string always encodes
	return encoded
}
