package domain

import (
	"math"
	"time"
)

// Location is one fix of a device: WGS 84 decimal degrees. Side fields are
// absent where the device said nothing usable.
type Location struct {
	Latitude   float64
	Longitude  float64
	Accuracy   *float64 // metres, radius of 68 % confidence
	Altitude   *float64 // metres above the ellipsoid
	Speed      *float64 // metres a second
	Heading    *float64 // degrees clockwise from true north
	Battery    *float64 // per cent
	Source     string
	CapturedAt *time.Time // the device's clock: shown, never decided by
}

const (
	maxLatitude = 90.0
	halfTurn    = 180.0
	fullTurn    = 360.0
	maxAccuracy = 20_037_508.0 // half the equator: anything wider says nothing
	minAltitude = -12_000.0    // below the deepest trench
	maxAltitude = 100_000.0    // the Kármán line
	maxSpeed    = 12_000.0     // above orbital speed
	maxBattery  = 100.0

	// MaxSource is the length of the name of what measured, in characters.
	MaxSource = 32
)

// NewLocation accepts coordinates or says why not. Longitudes up to one turn
// off, as maps that wrap around produce them, are brought back; (0, 0) is what
// broken devices send, and a real place too, so it is kept with a warning.
// The comparisons are written so that NaN fails them.
func NewLocation(latitude, longitude float64) (*Location, []Warning) {
	if !(latitude >= -maxLatitude && latitude <= maxLatitude) {
		return nil, []Warning{{"location.latitude", WarnOutOfRange, "must be from -90 to 90; the location was not used"}}
	}
	if !(longitude >= -fullTurn && longitude <= fullTurn) {
		return nil, []Warning{{"location.longitude", WarnOutOfRange, "must be from -180 to 180; the location was not used"}}
	}
	var warnings []Warning
	if longitude < -halfTurn || longitude > halfTurn {
		longitude = math.Mod(longitude+halfTurn+fullTurn, fullTurn) - halfTurn
		warnings = append(warnings, Warning{"location.longitude", WarnNormalized, "was brought into -180 to 180"})
	}
	if latitude == 0 && longitude == 0 {
		warnings = append(warnings, Warning{"location", WarnSuspicious, "(0, 0) is what devices without a fix report"})
	}
	// Adding zero turns -0 into 0, which is how clients expect to read it.
	return &Location{Latitude: latitude + 0, Longitude: longitude + 0}, warnings
}

// SideField is a measurement that comes with a fix: a bad one is dropped, the position stays.
type SideField struct {
	Name     string
	min, max float64
	slot     func(*Location) **float64
}

// SideFields are all of them.
func SideFields() []SideField {
	return []SideField{
		{"accuracy", 0, maxAccuracy, func(l *Location) **float64 { return &l.Accuracy }},
		{"altitude", minAltitude, maxAltitude, func(l *Location) **float64 { return &l.Altitude }},
		{"speed", 0, maxSpeed, func(l *Location) **float64 { return &l.Speed }},
		{"heading", 0, fullTurn, func(l *Location) **float64 { return &l.Heading }},
		{"battery", 0, maxBattery, func(l *Location) **float64 { return &l.Battery }},
	}
}

// Set takes the measurement if it is within what is physically possible.
func (f SideField) Set(l *Location, value float64) []Warning {
	if !(value >= f.min && value <= f.max) {
		return []Warning{{"location." + f.Name, WarnOutOfRange, "is not possible and was not used"}}
	}
	*f.slot(l) = &value
	return nil
}

// Newer tells whether l says something that old does not: there was none, it
// was captured later, or, where a device gives no time, it is another place.
func (l *Location) Newer(old *Location) bool {
	switch {
	case l == nil:
		return false
	case old == nil:
		return true
	case l.CapturedAt != nil && old.CapturedAt != nil:
		return l.CapturedAt.After(*old.CapturedAt)
	default:
		return l.Latitude != old.Latitude || l.Longitude != old.Longitude
	}
}
