package domain_test

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/loveapp/backend/sos/internal/domain"
)

func TestOnlyCoordinatesOnEarthAreAPlace(t *testing.T) {
	t.Parallel()
	nan, inf := math.NaN(), math.Inf(1)
	for name, tc := range map[string]struct {
		latitude, longitude float64
		warned              string // the field; "" = nothing
		kept                bool
	}{
		"the south-west corner":    {-90, -180, "", true},
		"the north-east corner":    {90, 180, "", true},
		"just beyond the pole":     {math.Nextafter(90, 91), 0, "location.latitude", false},
		"below the south pole":     {-91, 0, "location.latitude", false},
		"a latitude of NaN":        {nan, 0, "location.latitude", false},
		"a longitude of NaN":       {0, nan, "location.longitude", false},
		"an infinite latitude":     {inf, 0, "location.latitude", false},
		"an infinite longitude":    {1, -inf, "location.longitude", false},
		"one turn further":         {1, 360, "location.longitude", true},
		"more than a turn":         {1, 360.1, "location.longitude", false},
		"where broken devices are": {0, 0, "location", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, warnings := domain.NewLocation(tc.latitude, tc.longitude)
			if (l != nil) != tc.kept || (tc.warned == "") != (len(warnings) == 0) || len(warnings) > 0 && warnings[0].Field != tc.warned {
				t.Errorf("kept %v with %v", l, warnings)
			}
		})
	}
}

func TestAPlaceIsAlwaysOnEarth(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		latitude, longitude := rapid.Float64().Draw(t, "latitude"), rapid.Float64().Draw(t, "longitude")
		if rapid.Bool().Draw(t, "near") {
			latitude, longitude = math.Mod(latitude, 100), math.Mod(longitude, 400)
		}
		l, warnings := domain.NewLocation(latitude, longitude)
		if l == nil {
			if len(warnings) == 0 {
				t.Fatal("dropped without a word")
			}
			return
		}
		if !(l.Latitude >= -90 && l.Latitude <= 90 && l.Longitude >= -180 && l.Longitude <= 180) {
			t.Fatalf("%v, %v became %v, %v", latitude, longitude, l.Latitude, l.Longitude)
		}
		if turns := (l.Longitude - longitude) / 360; math.Abs(turns-math.Round(turns)) > 1e-9 {
			t.Fatalf("longitude %v became %v, another meridian", longitude, l.Longitude)
		}
		for _, side := range domain.SideFields() {
			side.Set(l, rapid.Float64().Draw(t, side.Name))
		}
		for _, value := range []*float64{l.Accuracy, l.Altitude, l.Speed, l.Heading, l.Battery} {
			if value != nil && (math.IsNaN(*value) || math.IsInf(*value, 0)) {
				t.Fatalf("a side field is %v", *value)
			}
		}
	})
}

func TestWhichOfTwoPlacesIsNewer(t *testing.T) {
	t.Parallel()
	at := func(latitude float64, minute int) *domain.Location {
		l := &domain.Location{Latitude: latitude}
		if minute > 0 {
			captured := time.Date(2030, 1, 1, 0, minute, 0, 0, time.UTC)
			l.CapturedAt = &captured
		}
		return l
	}
	for name, tc := range map[string]struct {
		l, old *domain.Location
		want   bool
	}{
		"none after none":              {nil, nil, false},
		"none after one":               {nil, at(1, 1), false},
		"one after none":               {at(1, 1), nil, true},
		"captured later":               {at(1, 2), at(1, 1), true},
		"captured earlier":             {at(2, 1), at(1, 2), false},
		"captured at the same time":    {at(2, 1), at(1, 1), false},
		"without a time, elsewhere":    {at(2, 0), at(1, 1), true},
		"without a time, at the place": {at(1, 0), at(1, 1), false},
	} {
		if got := tc.l.Newer(tc.old); got != tc.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
