package journeys_test

import (
	"testing"

	"github.com/loveapp/backend/test/world"
)

func TestPeopleMeetAcrossGateways(t *testing.T) {
	t.Parallel()
	everywhere(t, world.Size{Gateways: 2}, func(t *testing.T, w world.World) {
		ada := world.SignUp(t, w, "Ada")
		bob := world.At(t, w.Gateways()[1]).Register("Bob")
		ada.Trusts(bob)
		phone := bob.Connect()
		ticket := ada.CallForHelp(medical()).Ticket
		phone.ExpectNotification(world.Patience, "sos.triggered", ticket.ID)
		bob.Through(w.Gateways()[0]).Command(ticket.ID, "acknowledge", nil).Want(200)
	})
}

// With two copies of every service behind two gateways, each socket is on
// whichever copy the balancer chose, and the alarm finds all of them.
func TestAnAlarmFindsEverySocketOnEveryCopy(t *testing.T) {
	t.Parallel()
	everywhere(t, world.Size{Gateways: 2, Services: 2}, func(t *testing.T, w world.World) {
		ada, bob := world.SignUp(t, w, "Ada"), world.SignUp(t, w, "Bob")
		ada.Trusts(bob)
		var sockets []*world.Socket
		for _, gateway := range w.Gateways()[:2] { // six sockets: a person may have ten
			for range 3 {
				sockets = append(sockets, bob.Through(gateway).Connect())
			}
		}
		ticket := ada.CallForHelp(medical()).Ticket
		for _, s := range sockets {
			s.ExpectNotification(world.Patience, "sos.triggered", ticket.ID)
		}
		ada.Logout()
		eventually(t, "every copy refuses the signed-out token", refused(ada.Profile))
	})
}
