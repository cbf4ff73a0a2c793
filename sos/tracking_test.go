package sos_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/sos/sostest"
)

// fixes is a batch of one fix for each second.
func fixes(seconds ...int) string {
	var list []string
	for _, s := range seconds {
		list = append(list, fmt.Sprintf(`{"latitude":52.5,"longitude":%d.25,"capturedAt":"2030-01-01T12:00:%02dZ"}`, s, s))
	}
	return `{"fixes":[` + strings.Join(list, ",") + `]}`
}

func (c scene) line(p person) (coordinates, times []any) {
	a := p.get(c.path("/trail")).is(http.StatusOK)
	if a.header.Get("Content-Type") != "application/geo+json" || a.str("type") != "Feature" || a.header.Get("Cache-Control") != "no-store" {
		c.ann.tb.Errorf("answered %s as %s", a.text, a.header.Get("Content-Type"))
	}
	geometry, _ := a.body["geometry"].(map[string]any)
	properties, _ := a.body["properties"].(map[string]any)
	coordinates, _ = geometry["coordinates"].([]any)
	times, _ = properties["coordTimes"].([]any)
	return coordinates, times
}

func TestTheWayOfTheReporterIsSeenByThoseWhoHelp(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	a := c.ann.post(c.path("/locations"), fixes(3, 1, 2)).is(http.StatusAccepted)
	if a.num("accepted") != 3 || a.num("ignored") != 0 {
		t.Errorf("answered %s", a.text)
	}
	if again := c.ann.post(c.path("/locations"), fixes(2, 3, 4)).is(http.StatusAccepted); again.num("accepted") != 1 || again.num("ignored") != 2 {
		t.Errorf("again: %s", again.text)
	}
	for name, p := range map[string]person{"the reporter": c.ann, "a contact": c.mum, "staff": c.staff} {
		if got := p.get(c.path("")).is(http.StatusOK); got.num("location", "longitude") != 4.25 || got.num("version") != 1 {
			t.Errorf("%s sees %s", name, got.text)
		}
		coordinates, times := c.line(p)
		if fmt.Sprint(coordinates) != "[[1.25 52.5] [2.25 52.5] [3.25 52.5] [4.25 52.5]]" || fmt.Sprint(times[0]) != "2030-01-01T12:00:01.000Z" || len(times) != 4 {
			t.Errorf("%s sees %v at %v", name, coordinates, times)
		}
	}
	c.stranger.get(c.path("/trail")).refused(http.StatusNotFound, "not_found")
}

func TestATrailOfOnePlaceIsAPointAndOfNoneNothing(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	if a := c.ann.get(c.path("/trail")).is(http.StatusOK); a.body["geometry"] != nil {
		t.Errorf("without a place: %s", a.text)
	}
	ben := newPerson(t, c.SOS, "")
	id := ben.opened(`{"location":{"latitude":1,"longitude":2}}`)
	if a := ben.get("/v1/sos/tickets/" + id + "/trail").is(http.StatusOK); a.str("geometry", "type") != "Point" || !strings.Contains(a.text, "[2,1]") {
		t.Errorf("with the place of the call: %s", a.text)
	}
	ben.post("/v1/sos/tickets/"+id+"/locations", `{"fixes":[{"latitude":1.5,"longitude":2.5,"capturedAt":"2030-01-01T00:00:00Z"}]}`).is(http.StatusAccepted)
	if a := ben.get("/v1/sos/tickets/" + id + "/trail").is(http.StatusOK); a.str("geometry", "type") != "LineString" || a.num("properties", "total") != 2 {
		t.Errorf("then: %s", a.text)
	}
}

func TestAWayOverTheAntimeridianIsDrawnInTwoLines(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	c.ann.post(c.path("/locations"), `{"fixes":[{"latitude":-17,"longitude":179,"capturedAt":"2030-01-01T12:00:00Z"},
		{"latitude":-16,"longitude":-179,"capturedAt":"2030-01-01T12:00:10Z"},{"latitude":-16,"longitude":-178,"capturedAt":"2030-01-01T12:00:20Z"}]}`).is(http.StatusAccepted)
	coordinates, times := c.line(c.mum)
	if fmt.Sprint(coordinates) != "[[[179 -17] [180 -16.5]] [[-180 -16.5] [-179 -16] [-178 -16]]]" {
		t.Errorf("drawn as %v", coordinates)
	}
	if len(times) != 5 || times[1] != "2030-01-01T12:00:05.000Z" || times[2] != times[1] {
		t.Errorf("at %v", times)
	}
}

func TestWhoCallsForHelpIsTrackedByWhateverOpensTheCall(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	for i, proof := range []string{
		"SOS " + c.SOSCredential(c.ann.id, idgen.NewV7()), "Bearer " + c.TokenWith(c.ann.id, sostest.TokenOptions{Expired: true}),
	} {
		if a := c.ann.with(proof).post(c.path("/locations"), fixes(i)).is(http.StatusAccepted); a.num("accepted") != 1 {
			t.Errorf("answered %s", a.text)
		}
		c.line(c.ann.with(proof))
	}
	for _, p := range []person{c.mum, c.staff} {
		p.post(c.path("/locations"), fixes(9)).refused(http.StatusForbidden, "forbidden")
	}
	c.stranger.post(c.path("/locations"), fixes(9)).refused(http.StatusNotFound, "not_found")
	c.ann.with("").post(c.path("/locations"), fixes(9)).refused(http.StatusUnauthorized, "unauthenticated")
	c.ann.with("").get(c.path("/trail")).refused(http.StatusUnauthorized, "unauthenticated")
	c.ann.command(c.ticket, "cancel").is(http.StatusOK)
	if a := c.ann.post(c.path("/locations"), fixes(9)).refused(http.StatusConflict, "invalid_transition"); !strings.Contains(a.text, `"allowed":["comment","reopen"]`) {
		t.Errorf("answered %s", a.text)
	}
	if coordinates, _ := c.line(c.ann); len(coordinates) != 2 {
		t.Errorf("the way: %v", coordinates)
	}
}

func TestABadMeasurementCostsAWarningAndNotThePlace(t *testing.T) {
	t.Parallel()
	for fix, want := range map[string]struct {
		accepted float64
		warning  string
	}{
		`{"latitude":1,"longitude":2,"accuracy":-1}`:            {1, "fixes[0].accuracy out_of_range"},
		`{"latitude":1,"longitude":2,"battery":"full"}`:         {1, "fixes[0].battery invalid_type"},
		`{"latitude":1,"longitude":2,"capturedAt":"yesterday"}`: {1, "fixes[0].capturedAt invalid_type"},
		`{"latitude":1,"longitude":2,"mood":"bad"}`:             {1, "fixes[0].mood unknown_field"},
		`{"latitude":1,"longitude":190}`:                        {1, "fixes[0].longitude normalized"},
		`{"latitude":0,"longitude":0}`:                          {1, "fixes[0] suspicious"},
		`{"latitude":90.001,"longitude":2}`:                     {0, "fixes[0].latitude out_of_range"},
		`{"latitude":1,"longitude":-361}`:                       {0, "fixes[0].longitude out_of_range"},
		`{"latitude":"NaN","longitude":2}`:                      {0, "fixes[0].latitude invalid_type"},
		`{"latitude":1}`:                                        {0, "fixes[0].longitude missing"},
		`{}`:                                                    {0, "fixes[0].latitude missing"},
		`null`:                                                  {0, "fixes[0].latitude missing"},
		`[1,2]`:                                                 {0, "fixes[0] unparsable"},
	} {
		t.Run(fix, func(t *testing.T) {
			t.Parallel()
			c := newScene(t)
			a := c.ann.post(c.path("/locations"), `{"fixes":[`+fix+`]}`).is(http.StatusAccepted)
			field, code, _ := strings.Cut(want.warning, " ")
			if a.num("accepted") != want.accepted || a.num("ignored") != 1-want.accepted || !a.warned(field, code) {
				t.Errorf("answered %s", a.text)
			}
		})
	}
}

func TestABatchThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	many := make([]int, 101)
	for body, field := range map[string]string{`{}`: "fixes", `{"fixes":[]}`: "fixes", `{"fixes":null}`: "fixes", fixes(many...): "fixes", `{"fixes":{"latitude":1}}`: "fixes", `{"fixes":"x"}`: "fixes"} {
		if a := c.ann.post(c.path("/locations"), body).refused(http.StatusUnprocessableEntity, "validation_failed"); a.wrongFields() != field {
			t.Errorf("%.40s: %s", body, a.text)
		}
	}
	for _, body := range []string{`[`, `[]`, `{"fixes":[{"latitude":NaN,"longitude":1}]}`, `{"fixes":[{"latitude":1e999,"longitude":1}]}`, `{"fixes":[{"latitude":1,"latitude":2,"longitude":1}]}`} {
		c.ann.post(c.path("/locations"), body).refused(http.StatusBadRequest, "malformed_json")
	}
	c.ann.post(c.path("/locations"), fixes(1), "Content-Type: text/plain").refused(http.StatusUnsupportedMediaType, "unsupported_media_type")
	// One byte too many: of a longer body the rest would be on its way when the connection is closed.
	begin, end := `{"fixes":["`, `"]}`
	c.ann.post(c.path("/locations"), begin+strings.Repeat("x", 64<<10+1-len(begin)-len(end))+end).refused(http.StatusRequestEntityTooLarge, "payload_too_large")
	a := c.ann.post(c.path("/locations"), fixes(make([]int, 100)...)).is(http.StatusAccepted)
	if a.num("accepted") != 1 || a.num("ignored") != 99 {
		t.Errorf("answered %s", a.text)
	}
}
