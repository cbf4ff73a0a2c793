package postgres

import (
	"database/sql"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
)

// userColumns go with userRow; every query of users names the table u.
const userColumns = `u.id, u.email, u.email_verified, u.phone, u.phone_verified, u.role, u.active,
	u.first_name, u.last_name, u.locale, u.timezone, u.created_at, u.updated_at, u.delete_after`

type userRow struct {
	ID            string    `db:"id"`
	Email         string    `db:"email"`
	EmailVerified bool      `db:"email_verified"`
	Phone         string    `db:"phone"`
	PhoneVerified bool      `db:"phone_verified"`
	Role          string    `db:"role"`
	Active        bool      `db:"active"`
	FirstName     string    `db:"first_name"`
	LastName      string    `db:"last_name"`
	Locale        string    `db:"locale"`
	Timezone      string    `db:"timezone"`
	CreatedAt     time.Time `db:"created_at"`
	UpdatedAt     time.Time `db:"updated_at"`

	DeleteAfter sql.NullTime `db:"delete_after"`
}

func (r userRow) user() domain.User {
	return domain.User{
		ID: domain.UserID(r.ID), Email: domain.Email(r.Email), EmailVerified: r.EmailVerified,
		Phone: r.Phone, PhoneVerified: r.PhoneVerified, Role: domain.Role(r.Role), Active: r.Active,
		FirstName: r.FirstName, LastName: r.LastName, Locale: r.Locale, Timezone: r.Timezone,
		CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(),
		DeleteAfter: moment(r.DeleteAfter),
	}
}

// moment is zero for NULL.
func moment(t sql.NullTime) time.Time {
	if !t.Valid {
		return time.Time{}
	}
	return t.Time.UTC()
}

// sessionColumns go with sessionRow; every query of sessions names the table s.
const sessionColumns = `s.id AS session_id, s.user_id, s.device_id, s.device_name, s.ip, s.user_agent, s.salt, s.generation,
	s.rotated_at, s.last_used_at, s.created_at AS session_created_at, s.ended_at`

type sessionRow struct {
	ID         string       `db:"session_id"`
	UserID     string       `db:"user_id"`
	Device     string       `db:"device_id"`
	DeviceName string       `db:"device_name"`
	IP         string       `db:"ip"`
	UserAgent  string       `db:"user_agent"`
	Salt       []byte       `db:"salt"`
	Generation int64        `db:"generation"`
	RotatedAt  time.Time    `db:"rotated_at"`
	LastUsedAt time.Time    `db:"last_used_at"`
	CreatedAt  time.Time    `db:"session_created_at"`
	EndedAt    sql.NullTime `db:"ended_at"`
}

func (r sessionRow) session() domain.Session {
	s := domain.Session{
		ID: domain.SessionID(r.ID), UserID: domain.UserID(r.UserID), Device: domain.DeviceID(r.Device), DeviceName: r.DeviceName,
		Origin: domain.Origin{IP: r.IP, UserAgent: r.UserAgent}, Salt: r.Salt, Generation: r.Generation,
		RotatedAt: r.RotatedAt.UTC(), LastUsedAt: r.LastUsedAt.UTC(), CreatedAt: r.CreatedAt.UTC(),
	}
	if r.EndedAt.Valid {
		s.EndedAt = r.EndedAt.Time.UTC()
	}
	return s
}
