package hotline_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"

	"github.com/loveapp/backend/sos/internal/domain/atlas"
	"github.com/loveapp/backend/sos/internal/domain/hotline"
)

// patterns are the emergency numbers by libphonenumber, by country.
func patterns(t *testing.T) map[string]*regexp.Regexp {
	t.Helper()
	collection, err := phonenumbers.ShortNumberMetadataCollection()
	if err != nil {
		t.Fatal(err)
	}
	byCountry := map[string]*regexp.Regexp{}
	for _, m := range collection.GetMetadata() {
		if pattern := m.GetEmergency().GetNationalNumberPattern(); pattern != "" {
			byCountry[m.GetId()] = regexp.MustCompile("^(?:" + pattern + ")$")
		}
	}
	return byCountry
}

func TestEveryNumberIsWhatItsSourceSays(t *testing.T) {
	t.Parallel()
	known := patterns(t)
	table := hotline.Reviewed()
	rows, overridden := 0, 0
	for _, country := range table.Countries() {
		for _, n := range table.In(country) {
			if n == hotline.Worldwide {
				continue
			}
			rows++
			confirmed := known[country] != nil && known[country].MatchString(n.Number)
			switch {
			case strings.HasPrefix(n.Source, "libphonenumber") && !confirmed:
				t.Errorf("%s: %s %s is not in libphonenumber", country, n.Service, n.Number)
			case strings.HasPrefix(n.Source, "Android"):
				overridden++
				if confirmed {
					t.Errorf("%s: %s %s needs no override", country, n.Service, n.Number)
				}
			}
		}
	}
	if rows < 600 || overridden > rows/10 {
		t.Errorf("%d rows, %d of them overrides", rows, overridden)
	}
}

func TestEveryCountryThatTheOtherTableKnowsHasNumbers(t *testing.T) {
	t.Parallel()
	countries := hotline.Reviewed().Countries()
	for country := range patterns(t) {
		if !slices.Contains(countries, country) && country != "TA" { // Tristan da Cunha has no mobile network
			t.Errorf("nothing for %s", country)
		}
	}
}

func TestNumbersCanBeDialled(t *testing.T) {
	t.Parallel()
	digits := regexp.MustCompile(`^[0-9]{2,10}$`)
	table := hotline.Reviewed()
	if !slices.IsSorted(table.Countries()) {
		t.Error("the table is not in order")
	}
	for _, country := range append(table.Countries(), "AQ", "") {
		numbers := table.In(country)
		if len(numbers) == 0 {
			t.Errorf("%s: no number", country)
		}
		for i, n := range numbers {
			if !digits.MatchString(n.Number) || !n.Service.Known() || n.Source == "" || slices.Contains(numbers[:i], n) {
				t.Errorf("%s: %+v", country, n)
			}
		}
	}
}

func TestTheBestNumberIsWhoIsNeeded(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		country string
		wanted  hotline.Service
		number  string
	}{
		"one number for all":            {"US", hotline.Ambulance, "911"},
		"the one for all before others": {"DE", hotline.Police, "112"},
		"an ambulance":                  {"JP", hotline.Ambulance, "119"},
		"the police":                    {"JP", hotline.Police, "110"},
		"whoever answers first":         {"CN", hotline.Emergency, "110"},
		"a place without a country":     {"", hotline.Fire, "112"},
	} {
		if best := hotline.Best(hotline.Reviewed().In(c.country), c.wanted); best.Number != c.number {
			t.Errorf("%s: %+v, want %s", name, best, c.number)
		}
	}
}

func TestSomeCountriesAsTheirPeopleKnowThem(t *testing.T) {
	t.Parallel()
	for country, first := range map[string]string{
		"US": "911", "GB": "999", "FR": "112", "DE": "112", "AU": "000", "NZ": "111", "JP": "110", "CN": "110", "BR": "190", "IN": "112", "ZA": "112", "TR": "112", "MX": "911", "KR": "112", "RU": "112",
	} {
		if numbers := hotline.Reviewed().In(country); numbers[0].Number != first {
			t.Errorf("%s: %s comes first, want %s", country, numbers[0].Number, first)
		}
	}
}

func TestPlacesLeadToNumbers(t *testing.T) {
	t.Parallel()
	if n := hotline.Reviewed().In(atlas.World().Country(35.68, 139.69)); n[0].Number != "110" {
		t.Errorf("in Tokyo: %+v", n)
	}
	if n := hotline.Reviewed().In(atlas.World().Country(30, -40)); len(n) != 1 || n[0] != hotline.Worldwide {
		t.Errorf("in the Atlantic: %+v", n)
	}
}
