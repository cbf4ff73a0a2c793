package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/loveapp/backend/sos/internal/app"
	"github.com/loveapp/backend/sos/internal/domain"
)

// feature is a trail as GeoJSON (RFC 7946): a LineString, a MultiLineString
// where it crosses the antimeridian, a Point where only one place is known, and
// no geometry where none is.
type feature struct {
	Type       string          `json:"type"`
	ID         string          `json:"id"`
	Geometry   *geometry       `json:"geometry"`
	Properties trailProperties `json:"properties"`
}

// geometry: positions are longitude first (RFC 7946 section 3.1.1).
type geometry struct {
	Type        string `json:"type"`
	Coordinates any    `json:"coordinates"`
}

type position [2]float64

type trailProperties struct {
	// CoordTimes stand beside the positions, one for one, over all lines; by the device's clock where it gave a time.
	CoordTimes []timestamp `json:"coordTimes"`
	Total      int         `json:"total"`
	Thinned    bool        `json:"thinned"`
}

func (a api) trail(w http.ResponseWriter, r *http.Request, caller domain.Caller) error {
	id, err := ticketID(r)
	if err != nil {
		return err
	}
	trail, err := a.App.Trail(r.Context(), caller, id)
	if err != nil {
		return err
	}
	body, err := json.Marshal(featureOf(id, trail))
	if err != nil {
		return fmt.Errorf("encode a trail: %w", err)
	}
	w.Header().Set("Content-Type", "application/geo+json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(append(body, '\n')) // a client that has gone is no failure of ours
	return nil
}

func featureOf(id domain.TicketID, trail app.Trail) feature {
	way := make([]domain.Waypoint, 0, len(trail.Fixes))
	for _, f := range trail.Fixes {
		at := f.ReceivedAt
		if f.CapturedAt != nil {
			at = *f.CapturedAt
		}
		way = append(way, domain.Waypoint{Latitude: f.Latitude, Longitude: f.Longitude, At: at})
	}
	shown := feature{Type: "Feature", ID: string(id), Properties: trailProperties{Total: trail.Total, Thinned: trail.Total > len(way)}}
	shown.Geometry, shown.Properties.CoordTimes = shape(way)
	return shown
}

// shape draws a way; the times stand beside the positions, in their order.
func shape(way []domain.Waypoint) (*geometry, []timestamp) {
	const aLine = 2 // positions at least
	switch len(way) {
	case 0:
		return nil, []timestamp{}
	case aLine - 1:
		return &geometry{"Point", position{way[0].Longitude, way[0].Latitude}}, []timestamp{timestamp(way[0].At)}
	}
	var lines [][]position
	var times []timestamp
	for _, cut := range domain.CutAtAntimeridian(way) {
		line := make([]position, len(cut))
		for i, p := range cut {
			line[i] = position{p.Longitude, p.Latitude}
			times = append(times, timestamp(p.At))
		}
		lines = append(lines, line)
	}
	if len(lines) == 1 {
		return &geometry{"LineString", lines[0]}, times
	}
	return &geometry{"MultiLineString", lines}, times
}
