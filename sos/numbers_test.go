package sos_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/loveapp/backend/sos/sostest"
)

const numbersPath = "/v1/sos/emergency-numbers"

func TestEverybodyCanAskWhatToDial(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	s.SetDatabaseAway(true) // it must not matter
	nobody := person{tb: t, url: s.URL}
	for query, want := range map[string]struct{ country, first string }{
		"?country=JP":                        {"JP", "110"},
		"?country=de":                        {"DE", "112"},
		"?latitude=40.7&longitude=-74":       {"US", "911"},
		"?latitude=40.7&longitude=286":       {"US", "911"}, // a map that wraps around
		"?latitude=-33.86&longitude=151.21":  {"AU", "000"},
		"?latitude=38.7&longitude=-10.75":    {"PT", "112"}, // off the coast
		"?latitude=30&longitude=-40":         {"", "112"},
		"?latitude=0&longitude=0":            {"", "112"},
		"?latitude=51.5&longitude=-0.12&x=1": {"GB", "999"},
	} {
		a := nobody.get(numbersPath + query).is(http.StatusOK)
		if items := a.items("items"); a.str("country") != want.country || items[0]["number"] != want.first || items[0]["source"] == "" || a.str("version") == "" || a.str("guidance") == "" {
			t.Errorf("%s: %s", query, a.text)
		}
	}
}

func TestTheWholeTableOfNumbersCanBeKept(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	nobody := person{tb: t, url: s.URL}
	a := nobody.get(numbersPath).is(http.StatusOK)
	if len(a.items("items")) < 240 || len(a.items("elsewhere")) != 1 || !strings.HasPrefix(a.header.Get("Cache-Control"), "public, max-age=") {
		t.Errorf("%d countries, Cache-Control %q", len(a.items("items")), a.header.Get("Cache-Control"))
	}
	tag := a.header.Get("ETag")
	for _, known := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
		if again := nobody.do(http.MethodGet, numbersPath, "", "If-None-Match: "+known).is(http.StatusNotModified); again.text != "" || again.header.Get("ETag") != tag {
			t.Errorf("%s: %q with %q", known, again.header.Get("ETag"), again.text)
		}
	}
	nobody.do(http.MethodGet, numbersPath, "", `If-None-Match: "other"`).is(http.StatusOK)
	nobody.do(http.MethodGet, numbersPath+"?country=JP", "", "If-None-Match: "+tag).is(http.StatusOK)
	nobody.do(http.MethodHead, numbersPath, "").is(http.StatusOK)
}

func TestAPlaceThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	nobody := person{tb: t, url: s.URL}
	for query, field := range map[string]string{
		"?country=":                               "country",
		"?country=DEU":                            "country",
		"?country=ZZ":                             "country",
		"?country=%00%01":                         "country",
		"?country=DE&country=FR":                  "country",
		"?country=DE&latitude=1&longitude=1":      "country",
		"?latitude=1":                             "longitude",
		"?longitude=1":                            "latitude",
		"?latitude=x&longitude=y":                 "latitude longitude",
		"?latitude=&longitude=":                   "latitude longitude",
		"?latitude=NaN&longitude=1":               "latitude",
		"?latitude=1&longitude=Inf":               "longitude",
		"?latitude=91&longitude=1":                "latitude",
		"?latitude=1&longitude=361":               "longitude",
		"?latitude=1e999&longitude=1":             "latitude",
		"?latitude=1&longitude=1&latitude=2":      "latitude",
		"?latitude=1%2C5&longitude=1":             "latitude",
		"?latitude=52.52&longitude=13.4%00":       "longitude",
		"?latitude=52.52&longitude=13.4&country=": "country",
	} {
		if a := nobody.get(numbersPath+query).refused(http.StatusUnprocessableEntity, "validation_failed"); a.wrongFields() != field {
			t.Errorf("%s: %s", query, a.text)
		}
	}
	nobody.get(numbersPath+"?country=%zz").refused(http.StatusBadRequest, "malformed_query")
}

func TestACallForHelpIsAnsweredWithTheNumbersOfItsPlace(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann := newPerson(t, s, "Ann")
	a := ann.trigger("k", `{"emergencyType":"fire","location":{"latitude":35.68,"longitude":139.69}}`).is(http.StatusCreated)
	if numbers := a.items("emergencyNumbers"); len(numbers) != 4 || numbers[0]["number"] != "110" || numbers[2]["service"] != "fire" || numbers[2]["number"] != "119" {
		t.Errorf("numbers: %v", numbers)
	}
	s.SetDatabaseAway(true)
	for body, tel := range map[string]string{
		`{"emergencyType":"fire","location":{"latitude":35.68,"longitude":139.69}}`:     "119",
		`{"emergencyType":"violence","location":{"latitude":35.68,"longitude":139.69}}`: "110",
		`{"location":{"latitude":40.7,"longitude":-74}}`:                                "911",
		`{"location":{"latitude":"x"}}`:                                                 "112",
		`nonsense`:                                                                      "112",
	} {
		if a := ann.trigger("k2", body).refused(http.StatusServiceUnavailable, "unavailable"); a.str("fallback", "tel") != tel {
			t.Errorf("%s: %s", body, a.text)
		}
	}
}
