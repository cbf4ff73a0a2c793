package app

import (
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/domain/hotline"
)

// LocalNumbers is whom to dial in a country; Country is "" where a place lies in none.
type LocalNumbers struct {
	Country string
	Numbers []domain.EmergencyNumber
}

// NumbersIn are those of a country; known is false where there is no such country.
func (a *App) NumbersIn(country string) (local LocalNumbers, known bool) {
	return LocalNumbers{country, hotline.Reviewed().In(country)}, domain.KnownCountry(country)
}

// NumbersAt are those to dial at a place.
func (a *App) NumbersAt(place domain.Location) LocalNumbers {
	return LocalNumbers{domain.CountryAt(&place), domain.EmergencyNumbers(&place)}
}

// Numbers is the whole table, by country.
func (a *App) Numbers() []LocalNumbers {
	table := hotline.Reviewed()
	var all []LocalNumbers
	for _, country := range table.Countries() {
		all = append(all, LocalNumbers{country, table.In(country)})
	}
	return all
}
