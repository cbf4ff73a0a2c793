package memory_test

import (
	"errors"
	"testing"

	"github.com/loveapp/backend/sos/internal/adapters/memory"
	"github.com/loveapp/backend/sos/internal/ports/portstest"
)

func TestTheRoomsKeepTheirContract(t *testing.T) {
	t.Parallel()
	portstest.RunRooms(t, func(*testing.T) portstest.Theatre {
		r := &memory.Rooms{}
		return portstest.Theatre{
			Rooms: r,
			Fail: func(failing bool) {
				if r.Fail(nil); failing {
					r.Fail(errors.New("down"))
				}
			},
			Shown: func() int { return len(r.Shown()) }, Closed: func() int { return len(r.Closed()) },
		}
	})
}
