package atlas_test

import (
	"bufio"
	"compress/gzip"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/loveapp/backend/sos/internal/domain/atlas"
)

type city struct {
	country             string
	people              float64
	latitude, longitude float64
}

// cities are the 10,000 largest of GeoNames.
func cities(tb testing.TB) []city {
	tb.Helper()
	file, err := os.Open("testdata/cities.tsv.gz")
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		tb.Fatal(err)
	}
	number := func(text string) float64 {
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			tb.Fatal(err)
		}
		return n
	}
	var all []city
	for lines := bufio.NewScanner(unzipped); lines.Scan(); {
		column := strings.Split(lines.Text(), "\t")
		all = append(all, city{column[0], number(column[1]), number(column[2]), number(column[3])})
	}
	return all
}

func TestNearlyEverybodyIsFoundInTheirCountry(t *testing.T) {
	t.Parallel()
	const least = 0.999 // of the people
	world, right, total := atlas.World(), 0.0, 0.0
	all := cities(t)
	for _, c := range all {
		total += c.people
		if world.Country(c.latitude, c.longitude) == c.country {
			right += c.people
		}
	}
	if share := right / total; share < least || len(all) < 5000 {
		t.Errorf("%.4f %% of the people of %d cities", share*100, len(all))
	} else {
		t.Logf("%.4f %% of the people of %d cities", share*100, len(all))
	}
}

func TestPlacesAreInTheirCountry(t *testing.T) {
	t.Parallel()
	for name, place := range map[string]struct {
		latitude, longitude float64
		country             string
	}{
		"a capital":                            {52.52, 13.405, "DE"},
		"a country inside another":             {41.9029, 12.4534, "VA"},
		"an exclave":                           {54.71, 20.51, "RU"},
		"the hole of a country":                {-29.31, 27.48, "LS"},
		"a territory with its own code":        {22.28, 114.16, "HK"},
		"an island of a territory":             {49.43, -2.36, "GG"},
		"an island whose code is only set by":  {28.1, -15.43, "ES"},
		"mainland France, too":                 {48.85, 2.35, "FR"},
		"a state far from the others":          {21.3, -157.85, "US"},
		"Kosovo":                               {42.66, 21.16, "XK"},
		"Crimea, as ISO 3166-2 has it":         {44.95, 34.1, "UA"},
		"the north of Cyprus":                  {35.33, 33.32, "CY"},
		"the Black Rock Desert":                {40.86, -119.06, "US"},
		"both sides of the date line, west":    {-16.8, 179.97, "FJ"},
		"both sides of the date line, east":    {-16.8, -179.97, "FJ"},
		"the south pole":                       {-90, 0, "AQ"},
		"the north pole":                       {90, 0, ""},
		"the middle of the Atlantic":           {30, -40, ""},
		"where devices without a fix say":      {0, 0, ""},
		"no latitude":                          {90.1, 0, ""},
		"no number":                            {math.NaN(), 10, ""},
		"no number, the other way around":      {10, math.NaN(), ""},
		"nowhere":                              {math.Inf(1), math.Inf(-1), ""},
		"the English Channel, a French ferry":  {49.9, -0.3, "FR"},
		"just outside of Portugal's waters":    {38.7, -10.75, "PT"},
		"far outside of them":                  {38.7, -12.5, ""},
		"beyond the waters at the date line W": {-16.0, 179.9, "FJ"},
	} {
		if got := atlas.World().Country(place.latitude, place.longitude); got != place.country {
			t.Errorf("%s: %q, want %q", name, got, place.country)
		}
	}
}

func TestEveryPlaceHasOneAnswer(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		latitude, longitude := rapid.Float64().Draw(t, "latitude"), rapid.Float64().Draw(t, "longitude")
		country := atlas.World().Country(latitude, longitude)
		if len(country) != 0 && len(country) != 2 {
			t.Fatalf("%q", country)
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		latitude, longitude := rapid.Float64Range(-90, 90).Draw(t, "latitude"), rapid.Float64Range(-180, 180).Draw(t, "longitude")
		if country := atlas.World().Country(latitude, longitude); len(country) != 0 && len(country) != 2 {
			t.Fatalf("%q", country)
		}
	})
}

func BenchmarkCountry(b *testing.B) {
	all, world := cities(b), atlas.World()
	for i := 0; b.Loop(); i++ {
		c := all[i%len(all)]
		_ = world.Country(c.latitude, c.longitude)
	}
}

// BenchmarkFarOut is the slowest answer: every outline close by is measured.
func BenchmarkFarOut(b *testing.B) {
	world := atlas.World()
	for b.Loop() {
		_ = world.Country(59.0, -8.5)
	}
}
