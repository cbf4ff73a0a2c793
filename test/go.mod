module github.com/loveapp/backend/test

go 1.26.0

require (
	github.com/HdrHistogram/hdrhistogram-go v1.4.0
	github.com/gobwas/ws v1.5.0
	github.com/google/go-cmp v0.7.0
	github.com/pb33f/libopenapi v0.42.3
	github.com/pb33f/libopenapi-validator v0.16.2
	go.uber.org/goleak v1.3.0
	golang.org/x/sync v0.24.0
	pgregory.net/rapid v1.3.0
)

require github.com/loveapp/backend/shared v0.0.0

replace github.com/loveapp/backend/shared => ../shared

require github.com/loveapp/backend/auth v0.0.0

replace github.com/loveapp/backend/auth => ../auth

require github.com/loveapp/backend/notification v0.0.0

replace github.com/loveapp/backend/notification => ../notification

require github.com/loveapp/backend/sos v0.0.0

replace github.com/loveapp/backend/sos => ../sos

require github.com/loveapp/backend/gateway v0.0.0

replace github.com/loveapp/backend/gateway => ../gateway
