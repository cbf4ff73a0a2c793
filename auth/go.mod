module github.com/loveapp/backend/auth

go 1.26.0

require (
	github.com/lib/pq v1.12.3
	github.com/jmoiron/sqlx v1.4.0
	github.com/gomodule/redigo v1.9.3
	github.com/julienschmidt/httprouter v1.3.0
	github.com/kelseyhightower/envconfig v1.4.0
	golang.org/x/crypto v0.58.0
	golang.org/x/sync v0.24.0
	github.com/prometheus/client_golang v1.25.0
	github.com/google/go-cmp v0.7.0
	go.uber.org/goleak v1.3.0
	pgregory.net/rapid v1.3.0
	golang.org/x/text v0.43.0
	github.com/alicebob/miniredis/v2 v2.40.0
)
require github.com/loveapp/backend/shared v0.0.0
replace github.com/loveapp/backend/shared => ../shared
