package cursor

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/loveapp/backend/shared/fault"
)

// Items a page holds when the client says nothing, and at most.
const (
	DefaultLimit = 20
	MaxLimit     = 100
)

var errQuery = fault.New(fault.Malformed, "malformed_query", "The query string cannot be parsed.")

// ParsePage reads ?limit= (1 to MaxLimit, else DefaultLimit) and ?cursor= ("" =
// the first page). A wrong or repeated parameter is 422 naming it, a query
// string that cannot be parsed 400.
func ParsePage(r *http.Request) (limit int, cursor string, err error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return 0, "", errQuery
	}
	var wrong []fault.Field
	limit, ok := parseLimit(query["limit"])
	if !ok {
		wrong = append(wrong, fault.Field{Field: "limit", Code: "out_of_range", Message: "must be one whole number from 1 to 100"})
	}
	if len(query["cursor"]) > 1 {
		wrong = append(wrong, fault.Field{Field: "cursor", Code: "repeated", Message: "must be given once"})
	}
	if len(wrong) > 0 {
		return 0, "", fault.NewInvalid(wrong...)
	}
	return limit, query.Get("cursor"), nil
}

func parseLimit(values []string) (int, bool) {
	if len(values) == 0 {
		return DefaultLimit, true
	}
	limit, err := strconv.ParseUint(values[0], 10, 8) // takes no sign, so "+5" is refused
	return int(limit), err == nil && len(values) == 1 && limit >= 1 && limit <= MaxLimit
}
