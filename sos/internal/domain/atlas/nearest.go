package atlas

import "math"

// metresPerDegree of latitude, on the sphere of the earth's mean radius (6,371,008.8 m, IUGG).
const metresPerDegree = 6_371_008.8 * math.Pi / 180

// nearest looks only at what is close: there a map without curvature is good
// to some metres, and the degrees of longitude are as wide as at p.
func (a *Atlas) nearest(p point) string {
	wide := math.Max(math.Cos(p.latitude*math.Pi/180), 0.01) // at a pole everything is close in longitude
	country, best := "", nearby
	for _, shift := range turns(p.longitude) {
		q := point{p.longitude + shift, p.latitude}
		for _, one := range a.areas {
			if !one.box.near(q, wide) {
				continue
			}
			for _, r := range one.rings {
				if d := r.distance(q, wide); d <= best {
					country, best = one.country, d
				}
			}
		}
	}
	return country
}

// turns lets a place at the date line see what is on its other side.
func turns(longitude float64) []float64 {
	const close = 50.0 // degrees of longitude that 24 nautical miles can be, where ships go
	switch {
	case longitude > 180-close:
		return []float64{0, -360}
	case longitude < -180+close:
		return []float64{0, 360}
	default:
		return []float64{0}
	}
}

func (b box) near(p point, wide float64) bool {
	north := nearby / metresPerDegree
	east := north / wide
	return p.longitude >= b.west-east && p.longitude <= b.east+east && p.latitude >= b.south-north && p.latitude <= b.north+north
}

// distance is how many metres the nearest point of the ring is away.
func (r ring) distance(p point, wide float64) float64 {
	best := math.Inf(1)
	flat := func(q point) (x, y float64) { return (q.longitude - p.longitude) * wide, q.latitude - p.latitude }
	bx, by := flat(r[len(r)-1])
	for _, q := range r {
		x, y := flat(q)
		best = math.Min(best, toSegment(bx, by, x, y))
		bx, by = x, y
	}
	return best * metresPerDegree
}

// toSegment is how far the origin is from the straight line between two points.
func toSegment(ax, ay, bx, by float64) float64 {
	dx, dy := bx-ax, by-ay
	along := 0.0
	if length := dx*dx + dy*dy; length > 0 {
		along = math.Min(math.Max(-(ax*dx+ay*dy)/length, 0), 1)
	}
	return math.Hypot(ax+along*dx, ay+along*dy)
}
