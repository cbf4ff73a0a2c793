package domain_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/loveapp/backend/sos/internal/domain"
)

// wayOf is one point a minute, longitude first.
func wayOf(points ...[2]float64) []domain.Waypoint {
	way := make([]domain.Waypoint, 0, len(points))
	for i, p := range points {
		way = append(way, domain.Waypoint{Longitude: p[0], Latitude: p[1], At: start.Add(time.Duration(i) * time.Minute)})
	}
	return way
}

func TestAWayOverTheAntimeridianIsCutThere(t *testing.T) {
	t.Parallel()
	type line = [][2]float64
	for name, tc := range map[string]struct {
		way  line
		want []line
	}{
		"nothing":                          {line{}, nil},
		"one place":                        {line{{10, 1}}, nil},
		"far from it":                      {line{{10, 1}, {20, 2}}, []line{{{10, 1}, {20, 2}}}},
		"once around half of the world":    {line{{-90, 1}, {90, 2}}, []line{{{-90, 1}, {90, 2}}}},
		"eastwards":                        {line{{179, 1}, {-179, 3}}, []line{{{179, 1}, {180, 2}}, {{-180, 2}, {-179, 3}}}},
		"westwards":                        {line{{-179, 3}, {179, 1}}, []line{{{-179, 3}, {-180, 2}}, {{180, 2}, {179, 1}}}},
		"there and back":                   {line{{179, 0}, {-179, 0}, {179, 0}}, []line{{{179, 0}, {180, 0}}, {{-180, 0}, {-179, 0}, {-180, 0}}, {{180, 0}, {179, 0}}}},
		"from a place on it":               {line{{180, 5}, {-179, 6}}, []line{{{-180, 5}, {-179, 6}}}},
		"to a place on it":                 {line{{179, 5}, {-180, 6}}, []line{{{179, 5}, {180, 6}}}},
		"to a place on it, and on":         {line{{179, 5}, {-180, 6}, {-179, 7}}, []line{{{179, 5}, {180, 6}}, {{-180, 6}, {-179, 7}}}},
		"along it, under its other name":   {line{{180, 5}, {-180, 6}}, []line{{{180, 5}, {180, 6}}}},
		"at the north pole":                {line{{179, 90}, {-179, 90}}, []line{{{179, 90}, {180, 90}}, {{-180, 90}, {-179, 90}}}},
		"past the south pole":              {line{{100, -90}, {-100, -80}}, []line{{{100, -90}, {180, -85}}, {{-180, -85}, {-100, -80}}}},
		"over the pole, both ways as long": {line{{0, 89}, {180, 89}}, []line{{{0, 89}, {180, 89}}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []line
			for _, cut := range domain.CutAtAntimeridian(wayOf(tc.way...)) {
				var l line
				for _, p := range cut {
					l = append(l, [2]float64{p.Longitude, p.Latitude})
				}
				got = append(got, l)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	cut := domain.CutAtAntimeridian(wayOf([2]float64{179, 0}, [2]float64{-177, 0}))
	if at := cut[0][1].At.Sub(start); at != 15*time.Second || !cut[1][0].At.Equal(cut[0][1].At) {
		t.Errorf("a quarter of the way is reached after %v", at)
	}
}

func TestNoLineOfACutWayRunsAroundTheWorld(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		points := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) [2]float64 {
			longitude := rapid.OneOf(rapid.Float64Range(-180, 180), rapid.SampledFrom([]float64{-180, 180, 0, 179.9, -179.9})).Draw(t, "longitude")
			return [2]float64{longitude, rapid.Float64Range(-90, 90).Draw(t, "latitude")}
		}), 0, 12).Draw(t, "points")
		kept := map[float64]bool{}
		for _, line := range domain.CutAtAntimeridian(wayOf(points...)) {
			if len(line) < 2 {
				t.Fatalf("a line of %d points", len(line))
			}
			for i, p := range line {
				kept[p.Latitude] = true
				if !(math.Abs(p.Longitude) <= 180) || !(math.Abs(p.Latitude) <= 90) {
					t.Fatalf("a point at %v, %v", p.Longitude, p.Latitude)
				}
				if i > 0 && (math.Abs(p.Longitude-line[i-1].Longitude) > 180 || p.At.Before(line[i-1].At)) {
					t.Fatalf("from %v to %v", line[i-1], p)
				}
			}
		}
		for _, p := range points {
			if len(points) > 1 && !kept[p[1]] {
				t.Fatalf("%v is in none of the lines", p)
			}
		}
	})
}
