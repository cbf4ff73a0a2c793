module github.com/loveapp/backend/deployments/allinone

go 1.26.0

require (
	golang.org/x/sync v0.24.0
	go.uber.org/goleak v1.3.0
)
require github.com/loveapp/backend/shared v0.0.0
replace github.com/loveapp/backend/shared => ../../shared
require github.com/loveapp/backend/auth v0.0.0
replace github.com/loveapp/backend/auth => ../../auth
require github.com/loveapp/backend/notification v0.0.0
replace github.com/loveapp/backend/notification => ../../notification
require github.com/loveapp/backend/sos v0.0.0
replace github.com/loveapp/backend/sos => ../../sos
require github.com/loveapp/backend/gateway v0.0.0
replace github.com/loveapp/backend/gateway => ../../gateway
