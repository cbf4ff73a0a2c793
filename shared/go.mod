module github.com/loveapp/backend/shared

go 1.26.0

require (
	github.com/lib/pq v1.12.3
	github.com/jmoiron/sqlx v1.4.0
	github.com/gomodule/redigo v1.9.3
	github.com/mna/redisc v1.4.0
	github.com/kelseyhightower/envconfig v1.4.0
	github.com/golang-jwt/jwt/v5 v5.3.1
	golang.org/x/crypto v0.58.0
	golang.org/x/sync v0.24.0
	github.com/pressly/goose/v3 v3.29.0
	github.com/prometheus/client_golang v1.25.0
	github.com/google/uuid v1.6.0
	github.com/alicebob/miniredis/v2 v2.40.0
	github.com/google/go-cmp v0.7.0
	go.uber.org/goleak v1.3.0
	github.com/go-json-experiment/json v1.27.2
	golang.org/x/text v0.43.0
)
