// Package sight looks at the backend with its operators' eyes: at the traces that
// arrive at a collector, at the metrics that a scrape finds, and at whether the
// pages about them speak of what is there.
package sight
