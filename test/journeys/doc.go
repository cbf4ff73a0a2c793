// Package journeys tells what people do with the app, in the product's words.
// Each journey is written once and runs in every world that can host it.
package journeys
