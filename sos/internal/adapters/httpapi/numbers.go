package httpapi

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/sos/internal/app"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/domain/hotline"
)

// numbersAge is how long a phone may go by what it has: a day, so that a corrected number arrives.
const numbersAge = "public, max-age=86400, stale-if-error=604800"

// numbersGuidance goes with every list of numbers.
const numbersGuidance = "Guidance: collected from public sources, not by the services that answer."

type emergencyNumberJSON struct {
	Service string `json:"service"`
	Number  string `json:"number"`
	Source  string `json:"source"`
}

func emergencyNumbersOf(numbers []domain.EmergencyNumber) []emergencyNumberJSON {
	list := make([]emergencyNumberJSON, 0, len(numbers))
	for _, n := range numbers {
		list = append(list, emergencyNumberJSON{string(n.Service), n.Number, n.Source})
	}
	return list
}

type localNumbersJSON struct {
	Country *string               `json:"country"`
	Items   []emergencyNumberJSON `json:"items"`
}

func localNumbersOf(l app.LocalNumbers) localNumbersJSON {
	return localNumbersJSON{orNull(l.Country), emergencyNumbersOf(l.Numbers)}
}

// numbersJSON is the numbers of one place.
type numbersJSON struct {
	localNumbersJSON
	Version  string `json:"version"`
	Guidance string `json:"guidance"`
}

// numbersTableJSON is the whole table, for a phone to keep.
type numbersTableJSON struct {
	Version  string             `json:"version"`
	Guidance string             `json:"guidance"`
	Items    []localNumbersJSON `json:"items"`
	// Elsewhere is for where no country's items are.
	Elsewhere []emergencyNumberJSON `json:"elsewhere"`
}

// emergencyNumbers needs neither the database nor an identity.
func (a api) emergencyNumbers(w http.ResponseWriter, r *http.Request) error {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return fault.New(fault.Malformed, "malformed_query", "The query cannot be parsed.")
	}
	switch {
	case query.Has("country"):
		return a.numbersIn(w, r, query)
	case query.Has("latitude") || query.Has("longitude"):
		return a.numbersAt(w, r, query)
	default:
		table := numbersTableJSON{hotline.Version, numbersGuidance, []localNumbersJSON{}, emergencyNumbersOf([]domain.EmergencyNumber{hotline.Worldwide})}
		for _, l := range a.App.Numbers() {
			table.Items = append(table.Items, localNumbersOf(l))
		}
		return writeCached(w, r, table)
	}
}

func (a api) numbersIn(w http.ResponseWriter, r *http.Request, query url.Values) error {
	if query.Has("latitude") || query.Has("longitude") {
		return fault.NewInvalid(fault.Field{Field: "country", Code: "conflict", Message: "must be given without latitude and longitude"})
	}
	country, once := single(query, "country")
	local, known := a.App.NumbersIn(strings.ToUpper(country))
	if !once || !known {
		return fault.NewInvalid(fault.Field{Field: "country", Code: "unknown_value", Message: "must be one ISO 3166-1 code of two letters"})
	}
	return writeCached(w, r, numbersJSON{localNumbersOf(local), hotline.Version, numbersGuidance})
}

func (a api) numbersAt(w http.ResponseWriter, r *http.Request, query url.Values) error {
	latitude, wrong := coordinate(query, "latitude", nil)
	longitude, wrong := coordinate(query, "longitude", wrong)
	if len(wrong) > 0 {
		return fault.NewInvalid(wrong...)
	}
	place, warnings := domain.NewLocation(latitude, longitude)
	if place == nil {
		field := strings.TrimPrefix(warnings[0].Field, "location.")
		return fault.NewInvalid(fault.Field{Field: field, Code: warnings[0].Code, Message: "must be degrees in range"})
	}
	return writeCached(w, r, numbersJSON{localNumbersOf(a.App.NumbersAt(*place)), hotline.Version, numbersGuidance})
}

func coordinate(query url.Values, name string, wrong []fault.Field) (float64, []fault.Field) {
	text, once := single(query, name)
	value, err := strconv.ParseFloat(text, 64)
	if err != nil || !once {
		wrong = append(wrong, fault.Field{Field: name, Code: "invalid_type", Message: "must be one number of degrees"})
	}
	return value, wrong
}

// writeCached answers 304 to who has the same already (RFC 9110 section 13.1.2).
func writeCached(w http.ResponseWriter, r *http.Request, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	sum := sha256.Sum256(body)
	tag := `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	h := w.Header()
	h.Set("Cache-Control", numbersAge)
	h.Set("ETag", tag)
	if matches(r.Header.Values("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", "application/json")
	_, _ = w.Write(append(body, '\n')) // a client that has gone is no failure of ours
	return nil
}

// matches compares weakly: proxies that compress mark the tag W/.
func matches(headers []string, tag string) bool {
	for _, header := range headers {
		for candidate := range strings.SplitSeq(header, ",") {
			candidate = strings.TrimPrefix(strings.TrimSpace(candidate), "W/")
			if candidate == tag || candidate == "*" {
				return true
			}
		}
	}
	return false
}
