module github.com/loveapp/backend/gateway

go 1.26.0

require (
	github.com/gomodule/redigo v1.9.3
	github.com/julienschmidt/httprouter v1.3.0
	github.com/gobwas/ws v1.5.0
	github.com/kelseyhightower/envconfig v1.4.0
	github.com/sony/gobreaker/v2 v2.4.0
	golang.org/x/sync v0.24.0
	golang.org/x/time v0.16.0
	github.com/prometheus/client_golang v1.25.0
	github.com/google/go-cmp v0.7.0
	go.uber.org/goleak v1.3.0
	pgregory.net/rapid v1.3.0
	github.com/alicebob/miniredis/v2 v2.40.0
)
require github.com/loveapp/backend/shared v0.0.0
replace github.com/loveapp/backend/shared => ../shared
