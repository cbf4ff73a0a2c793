package domain

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// OriginSaltBytes keep an address from being found by trying all there are.
const OriginSaltBytes = 16

// Commitment stands for the origin in the record, ” for none: without the salt
// it tells nothing, and with it that the origin is the one that was recorded.
func (o Origin) Commitment(salt []byte) string {
	if o == (Origin{}) {
		return ""
	}
	told := fmt.Sprintf("%d:%s%d:%s", len(o.IP), o.IP, len(o.UserAgent), o.UserAgent)
	sum := sha256.Sum256(append(append([]byte(nil), salt...), told...))
	return hex.EncodeToString(sum[:])
}

// Person is whose address an event's origin is: the administrator's where one
// has done something to somebody else.
func (e AuditEvent) Person() UserID {
	if e.Kind == AuditSupervised || e.Kind == AuditRevoked {
		by, _ := e.Data["by"].(string)
		return UserID(by)
	}
	return e.User
}

// Origins is what has become of the origins of some sealed events.
type Origins struct {
	Erased  int64 // with their person
	Missing int64 // though their person has not been erased
	Changed int64
}

// Hold says whether nobody has touched them.
func (o Origins) Hold() bool { return o.Missing == 0 && o.Changed == 0 }

// Recomputed is a seal as it is kept, and as its events make it now.
type Recomputed struct {
	Kept, Now Seal
	Origins   Origins
}

// Holds says whether the piece is as it was sealed. A seal of the first form
// hashed the origins themselves: where some are erased, it cannot be made again,
// and only says where its piece stands in the chain.
func (r Recomputed) Holds() bool {
	if !r.Origins.Hold() {
		return false
	}
	if r.Kept.Form == FirstForm && r.Origins.Erased > 0 {
		return r.Kept.Number == r.Now.Number && r.Kept.Events == r.Now.Events
	}
	return r.Kept == r.Now
}

// Verified is what a look at the whole chain has found.
type Verified struct {
	Last   Seal  // the last that holds
	Broken int64 // the number of the first that does not; 0 where all do
	Erased int64 // origins that are gone with their people
}
