package httpapi

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/strictjson"
	"github.com/loveapp/backend/sos/internal/domain"
)

// maxWarnings: what is wrong with a hundred fixes is mostly the same.
const maxWarnings = 100

// batchBody: each fix is read by itself, so that one that is wrong does not take the others with it.
type batchBody struct {
	Fixes []json.RawMessage `json:"fixes"`
}

type trackedJSON struct {
	Accepted int           `json:"accepted"`
	Ignored  int           `json:"ignored"`
	Warnings []warningJSON `json:"warnings"`
}

func (a api) track(w http.ResponseWriter, r *http.Request, caller domain.Caller) error {
	id, err := ticketID(r)
	if err != nil {
		return err
	}
	var body batchBody
	if err := strictjson.Decode(w, r, &body); err != nil {
		return err
	}
	switch n := len(body.Fixes); {
	case n == 0:
		return fault.NewInvalid(fault.Field{Field: "fixes", Code: "required", Message: "must hold at least one fix"})
	case n > domain.MaxBatch:
		return fault.NewInvalid(fault.Field{Field: "fixes", Code: "too_long", Message: "must hold at most 100 fixes"})
	}
	fixes, warnings := parseFixes(body.Fixes)
	accepted, err := a.App.Track(r.Context(), caller, id, fixes)
	if err != nil {
		return err
	}
	answer := trackedJSON{accepted, len(body.Fixes) - accepted, []warningJSON{}}
	for _, warning := range warnings[:min(len(warnings), maxWarnings)] {
		answer.Warnings = append(answer.Warnings, warningJSON(warning))
	}
	return httpserver.WriteJSON(w, http.StatusAccepted, answer)
}

// parseFixes gives those that are places; what could not be used of the rest is in the warnings.
func parseFixes(list []json.RawMessage) ([]domain.Location, []domain.Warning) {
	var fixes []domain.Location
	var warnings []domain.Warning
	for i, raw := range list {
		name := "fixes[" + strconv.Itoa(i) + "]"
		f := readFields(raw)
		l := f.fix()
		if l != nil {
			fixes = append(fixes, *l)
		}
		for _, warning := range f.warnings {
			warning.Field = name + "." + strings.TrimPrefix(warning.Field, "location.")
			if warning.Field == name+".location" || warning.Field == name+".body" {
				warning.Field = name
			}
			warnings = append(warnings, warning)
		}
	}
	return fixes, warnings
}
