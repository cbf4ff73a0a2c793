package atlas

import (
	"bytes"
	"compress/gzip"
	_ "embed" // for the borders
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
)

//go:embed borders.json.gz
var borders []byte // country-coder's, see BORDERS.md

// document is the part of the GeoJSON that counts here.
type document struct {
	Features []feature `json:"features"`
}

type feature struct {
	Properties struct {
		Code    string   `json:"iso1A2"`
		Status  string   `json:"isoStatus"` // "" = an official code
		Name    string   `json:"nameEn"`
		Country string   `json:"country"`
		Groups  []string `json:"groups"`
	} `json:"properties"`
	Geometry *struct {
		Coordinates [][][][2]float64 `json:"coordinates"`
	} `json:"geometry"`
}

func read(compressed []byte) (*Atlas, error) {
	unzipped, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		return nil, fmt.Errorf("unpack the borders: %w", err)
	}
	var doc document
	if err := json.NewDecoder(unzipped).Decode(&doc); err != nil {
		return nil, fmt.Errorf("read the borders: %w", err)
	}
	official := map[string]bool{}
	for _, f := range doc.Features {
		official[f.Properties.Code] = f.official()
	}
	a := &Atlas{}
	for _, f := range doc.Features {
		if country := f.country(official); country != "" && f.Geometry != nil {
			a.add(country, f.Geometry.Coordinates)
		}
	}
	if len(a.areas) == 0 {
		return nil, errors.New("the borders are empty")
	}
	return a, nil
}

// official leaves out codes that are only set aside, such as EU, UN and FX.
// Kosovo's is its users' own and the only one it has.
func (f feature) official() bool {
	return f.Properties.Code != "" && (f.Properties.Status == "" || f.Properties.Status == "usrAssn")
}

// undrawn are the areas whose country ISO 3166-1 and -2 know better than the
// borders: one is drawn without any, the other with the one that holds it
// (UN General Assembly resolution 68/262; what to dial there is the same).
var undrawn = map[string]string{"Northern Cyprus": "CY", "Crimea": "UA"}

// country is the code of the smallest thing around the feature that has one: an
// island of Guernsey is GG, and not GB.
func (f feature) country(official map[string]bool) string {
	p := f.Properties
	if f.official() {
		return p.Code
	}
	if i := slices.IndexFunc(p.Groups, func(g string) bool { return official[g] }); i >= 0 {
		return p.Groups[i]
	}
	if country, ok := undrawn[p.Name]; ok {
		return country
	}
	return p.Country
}

func (a *Atlas) add(country string, polygons [][][][2]float64) {
	for _, polygon := range polygons {
		one := area{country: country}
		for _, outline := range polygon {
			r := make(ring, 0, len(outline))
			for _, c := range outline {
				r = append(r, point{c[0], c[1]})
			}
			one.rings = append(one.rings, r)
		}
		one.box = one.rings[0].box()
		one.size = (one.box.east - one.box.west) * (one.box.north - one.box.south)
		a.areas = append(a.areas, one)
	}
}

func (r ring) box() box {
	b := box{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for _, p := range r {
		b = box{math.Min(b.west, p.longitude), math.Min(b.south, p.latitude), math.Max(b.east, p.longitude), math.Max(b.north, p.latitude)}
	}
	return b
}
