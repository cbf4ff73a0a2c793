package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/loveapp/backend/sos/internal/app"
	"github.com/loveapp/backend/sos/internal/domain"
)

// feature is a trail as GeoJSON (RFC 7946): a LineString, a Point where only
// one place is known, and no geometry where none is.
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
	// CoordTimes stand beside the coordinates, one for one; by the device's clock where it gave a time.
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
	line := make([]position, 0, len(trail.Fixes))
	times := make([]timestamp, 0, len(trail.Fixes))
	for _, f := range trail.Fixes {
		line = append(line, position{f.Longitude, f.Latitude})
		if f.CapturedAt != nil {
			times = append(times, timestamp(*f.CapturedAt))
		} else {
			times = append(times, timestamp(f.ReceivedAt))
		}
	}
	shown := feature{Type: "Feature", ID: string(id), Properties: trailProperties{times, trail.Total, trail.Total > len(line)}}
	switch len(line) {
	case 0:
	case 1: // a LineString has at least two positions
		shown.Geometry = &geometry{"Point", line[0]}
	default:
		shown.Geometry = &geometry{"LineString", line}
	}
	return shown
}
