// Package atlas tells in which country a place is, from borders that are part
// of the program: whoever asks may have no network left but the phone's.
package atlas

import (
	"math"
	"slices"
	"sync"
)

// nearby is how far off the drawn borders, which hold the coastal waters, a
// place still counts as the country's: the 24 nautical miles of a contiguous
// zone (UNCLOS article 33), in metres.
const nearby = 24 * 1852.0

// Atlas is the world's borders.
type Atlas struct {
	areas []area
}

// area is one connected piece of a country: an outline and the holes in it.
type area struct {
	country string // ISO 3166-1 alpha-2, and XK for Kosovo
	box     box
	size    float64 // of the box, to know an enclave from what surrounds it
	rings   []ring
}

type point struct{ longitude, latitude float64 }

type ring []point

type box struct{ west, south, east, north float64 }

// World is the atlas of the borders that the program holds. They are read at
// the first call and stay.
var World = sync.OnceValue(func() *Atlas {
	a, err := read(borders)
	if err != nil {
		panic("atlas: " + err.Error()) // the program was built wrong: its own test says so
	}
	return a
})

// Country is where the place is or, out at sea, the country whose waters are
// nearest within 24 nautical miles; "" where there is none. Latitude and
// longitude are WGS 84 degrees; what is out of range lies nowhere.
func (a *Atlas) Country(latitude, longitude float64) string {
	if !(math.Abs(latitude) <= 90 && math.Abs(longitude) <= 180) {
		return ""
	}
	p := point{longitude, latitude}
	found := area{size: math.Inf(1)}
	for _, one := range a.areas {
		if one.size < found.size && one.box.holds(p) && one.holds(p) {
			found = one
		}
	}
	if found.country != "" {
		return found.country
	}
	return a.nearest(p)
}

// holds counts how often a ray to the east crosses the rings: an odd number is inside.
func (a area) holds(p point) bool {
	inside := false
	for _, r := range a.rings {
		if r.holds(p) {
			inside = !inside
		}
	}
	return inside
}

func (r ring) holds(p point) bool {
	inside := false
	before := r[len(r)-1]
	for _, here := range r {
		if (here.latitude > p.latitude) != (before.latitude > p.latitude) &&
			p.longitude < (before.longitude-here.longitude)*(p.latitude-here.latitude)/(before.latitude-here.latitude)+here.longitude {
			inside = !inside
		}
		before = here
	}
	return inside
}

func (b box) holds(p point) bool {
	return p.longitude >= b.west && p.longitude <= b.east && p.latitude >= b.south && p.latitude <= b.north
}

// Has tells whether any place lies in the country.
func (a *Atlas) Has(country string) bool {
	return slices.ContainsFunc(a.areas, func(one area) bool { return one.country == country })
}
