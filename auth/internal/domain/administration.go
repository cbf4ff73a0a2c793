package domain

import (
	"time"

	"github.com/loveapp/backend/shared/fault"
)

// What administrators are refused with.
var (
	ErrForbidden = fault.New(fault.Forbidden, "forbidden", "Your role does not allow this.")
	// ErrFactorRequired: the role would allow it.
	ErrFactorRequired = fault.New(fault.Forbidden, "mfa_required", "Administrators need a second factor here. Set one up, then refresh.")
	// ErrLastSuperAdmin: somebody must be able to give that role back.
	ErrLastSuperAdmin = fault.New(fault.Conflict, "last_super_admin", "This is the last active SUPER_ADMIN. Give somebody else the role first.")
)

// UserEdit is what administrators may change about others; nil leaves alone.
type UserEdit struct {
	Role   *Role
	Active *bool
}

// Check names the wrong fields.
func (e UserEdit) Check() error {
	var wrong refusals
	if e.Role != nil && !e.Role.known() {
		wrong.note("role", &Refusal{"invalid_choice", "must be USER, PROVIDER, VOLUNTEER, ADMIN or SUPER_ADMIN"})
	}
	return wrong.err()
}

// Supervision is an administrator before a user, both as they are now.
type Supervision struct {
	By   User
	User *User
	// OtherSuperAdmins counts the active ones beside User.
	OtherSuperAdmins int
}

// Supervised is what became of an edit. A role that goes takes with it the tokens that
// still say it; a ban ends every session.
type Supervised struct {
	Changed []string // names of fields
	RoleWas Role
	Recast  bool // the role is another
	Banned  bool
}

// May says whether By may touch User at all: nobody but a SUPER_ADMIN touches a
// SUPER_ADMIN, and who has been demoted or banned meanwhile touches nobody.
func (s Supervision) May() error {
	if !s.By.Active || !s.By.Role.Staff() || s.User.Role == RoleSuperAdmin && s.By.Role != RoleSuperAdmin {
		return ErrForbidden
	}
	return nil
}

// Apply changes User as the edit says.
func (s Supervision) Apply(edit UserEdit, now time.Time) (Supervised, error) {
	done := Supervised{RoleWas: s.User.Role}
	if err := s.May(); err != nil {
		return done, err
	}
	next := *s.User
	if edit.Role != nil && *edit.Role != next.Role {
		if *edit.Role == RoleSuperAdmin && s.By.Role != RoleSuperAdmin {
			return done, ErrForbidden
		}
		next.Role, done.Recast = *edit.Role, true
		done.Changed = append(done.Changed, "role")
	}
	if edit.Active != nil && *edit.Active != next.Active {
		next.Active, done.Banned = *edit.Active, !*edit.Active
		done.Changed = append(done.Changed, "active")
	}
	if s.wouldBeLast(next) {
		return done, ErrLastSuperAdmin
	}
	if len(done.Changed) > 0 {
		next.UpdatedAt = now
		*s.User = next
	}
	return done, nil
}

func (s Supervision) wouldBeLast(next User) bool {
	was := s.User.Active && s.User.Role == RoleSuperAdmin
	return was && !(next.Active && next.Role == RoleSuperAdmin) && s.OtherSuperAdmins == 0
}

func (r Role) known() bool {
	switch r {
	case RoleUser, RoleProvider, RoleVolunteer, RoleAdmin, RoleSuperAdmin:
		return true
	}
	return false
}

// UserPage asks for some of all users, the newest first. Zero values do not narrow it.
type UserPage struct {
	ID     UserID
	Search string // part of an address, a phone number or a name, in any case
	Role   Role
	Active *bool
	Below  UserID // the last of the page before
	Limit  int
}

// AuditPage asks for some of the record, the newest first. Zero values do not narrow it.
type AuditPage struct {
	User  UserID
	Kind  AuditKind
	Below string // the id of the last of the page before
	Limit int
}
