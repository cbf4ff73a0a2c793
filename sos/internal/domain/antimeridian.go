package domain

import (
	"math"
	"time"
)

// Waypoint is where somebody was, and when.
type Waypoint struct {
	Latitude, Longitude float64
	At                  time.Time
}

// CutAtAntimeridian makes lines of a way, none of which crosses the 180th
// meridian: drawn as one line it would run once around the world the wrong way
// (RFC 7946 section 3.1.9). Of two ways around the shorter is meant. Where a line
// is cut both parts get the point in between. A way of fewer than two points
// makes no line.
func CutAtAntimeridian(way []Waypoint) [][]Waypoint {
	var lines [][]Waypoint
	var line []Waypoint
	end := func() {
		const fewest = 2 // a line has two ends; what is shorter is the other part's end, too
		if len(line) >= fewest {
			lines = append(lines, line)
		}
		line = nil
	}
	for i, b := range way {
		if i > 0 && crosses(way[i-1], b) {
			west, east := crossing(way[i-1], b)
			line = appendNew(line, west)
			end()
			line = append(line, east)
		}
		line = appendNew(line, b)
	}
	end()
	return lines
}

func crosses(a, b Waypoint) bool { return math.Abs(a.Longitude-b.Longitude) > halfTurn }

// crossing is the point on the meridian, as the part before and the part after it name it.
func crossing(a, b Waypoint) (before, after Waypoint) {
	edge := math.Copysign(halfTurn, a.Longitude)
	share := 1.0
	if apart := fullTurn - math.Abs(a.Longitude-b.Longitude); apart > 0 {
		share = (halfTurn - math.Abs(a.Longitude)) / apart
	}
	before = Waypoint{
		Latitude: a.Latitude + share*(b.Latitude-a.Latitude), Longitude: edge,
		At: a.At.Add(time.Duration(share * float64(b.At.Sub(a.At)))),
	}
	after = before
	after.Longitude = -edge
	return before, after
}

// appendNew leaves out a point on the cut that stands there already.
func appendNew(line []Waypoint, p Waypoint) []Waypoint {
	if n := len(line); n > 0 && math.Abs(p.Longitude) == halfTurn && line[n-1].Longitude == p.Longitude && line[n-1].Latitude == p.Latitude {
		return line
	}
	return append(line, p)
}
