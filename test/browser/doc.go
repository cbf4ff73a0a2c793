// Package browser has a page in Chromium talk to the service through a gateway,
// with the browser's own WebSocket and EventSource. Chromium is large and slow to
// start, so that `make test-browser` runs it and `make test` does not.
package browser
