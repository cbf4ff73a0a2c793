package postgres

import (
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

type contactRow struct {
	ID        string    `db:"id"`
	OwnerID   string    `db:"owner_id"`
	Name      string    `db:"name"`
	Email     string    `db:"email"`
	Phone     string    `db:"phone"`
	Priority  int       `db:"priority"`
	Locale    string    `db:"locale"`
	Status    string    `db:"status"`
	UserID    string    `db:"user_id"`
	CreatedAt time.Time `db:"created_at"`
	UpdatedAt time.Time `db:"updated_at"`
	AgreedBy  string    `db:"agreed_by"`
}

func (r contactRow) contact() domain.Contact {
	return domain.Contact{
		ID: domain.ContactID(r.ID), Owner: domain.UserID(r.OwnerID), Name: r.Name, Email: r.Email, Phone: r.Phone, Priority: r.Priority, Locale: r.Locale,
		Status: domain.ContactStatus(r.Status), User: domain.UserID(r.UserID), CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(),
		AgreedBy: domain.AddressChannel(r.AgreedBy),
	}
}

func contactRowOf(c domain.Contact) contactRow {
	return contactRow{
		string(c.ID), string(c.Owner), c.Name, c.Email, c.Phone, c.Priority, c.Locale, string(c.Status), string(c.User), c.CreatedAt, c.UpdatedAt, string(c.AgreedBy),
	}
}
