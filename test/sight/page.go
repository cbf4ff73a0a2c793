package sight

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Metric is one as the page of metrics has it, or as a scrape finds it.
type Metric struct {
	Name, Kind string
	Labels     []string // in alphabetical order, without service and le
	Says       string   // without the last point
	// Of the page only.
	Services, Alerts, Dashboards []string
}

// Services are all that a page's "all" stands for.
func Services() []string { return []string{"auth", "gateway", "notification", "sos"} }

const cells = 8 // metric, kind, labels, unit, what it says, of, alerts, dashboards

var row = regexp.MustCompile("^\\| `([a-z_]+)` \\| (counter|gauge|histogram) \\| ")

// Page reads deployments/observability/METRICS.md of the repository at root.
func Page(root string) ([]Metric, error) {
	text, err := os.ReadFile(filepath.Join(root, "deployments/observability/METRICS.md")) //nolint:gosec // the repository's own
	if err != nil {
		return nil, err
	}
	var metrics []Metric
	for line := range strings.Lines(string(text)) {
		if !row.MatchString(line) {
			continue
		}
		parts := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		if len(parts) != cells {
			return nil, fmt.Errorf("the page has a row of %d cells: %s", len(parts), line)
		}
		if strings.TrimSpace(parts[3]) == "" {
			return nil, fmt.Errorf("the page does not say the unit: %s", line)
		}
		services := list(parts[5])
		if slices.Equal(services, []string{"all"}) {
			services = Services()
		}
		metrics = append(metrics, Metric{
			Name: strings.Trim(parts[0], " `"), Kind: parts[1], Labels: list(parts[2]), Says: parts[4],
			Services: services, Alerts: list(parts[6]), Dashboards: list(parts[7]),
		})
	}
	return metrics, nil
}

func list(cell string) []string {
	cell = strings.TrimSpace(cell)
	if cell == "–" {
		return nil
	}
	return strings.Split(cell, ", ")
}
