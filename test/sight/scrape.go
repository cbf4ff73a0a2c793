package sight

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

var (
	comment = regexp.MustCompile(`^# (HELP|TYPE) (\S+) (.*)$`)
	sample  = regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? \S+$`)
	label   = regexp.MustCompile(`(\w+)="(?:[^"\\]|\\.)*"`)
)

// Scrape reads what Prometheus reads (its text format): each metric by its name,
// with every label that any of its series has.
func Scrape(text string) map[string]Metric {
	found := map[string]Metric{}
	labels := map[string]map[string]bool{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if c := comment.FindStringSubmatch(line); c != nil {
			m := found[c[2]]
			m.Name = c[2]
			if c[1] == "TYPE" {
				m.Kind = c[3]
			} else {
				m.Says = strings.TrimSuffix(c[3], ".")
			}
			found[c[2]] = m
			continue
		}
		s := sample.FindStringSubmatch(line)
		if s == nil {
			continue
		}
		name := family(found, s[1])
		if labels[name] == nil {
			labels[name] = map[string]bool{}
		}
		for _, l := range label.FindAllStringSubmatch(s[2], -1) {
			labels[name][l[1]] = true
		}
	}
	for name, m := range found {
		delete(labels[name], "service")
		delete(labels[name], "le")
		m.Labels = slices.Sorted(maps.Keys(labels[name]))
		found[name] = m
	}
	return found
}

// family is the metric that a series belongs to: a histogram has three kinds of them.
func family(known map[string]Metric, series string) string {
	for _, suffix := range []string{"_bucket", "_sum", "_count"} {
		if name := strings.TrimSuffix(series, suffix); known[name].Kind == "histogram" {
			return name
		}
	}
	return series
}

// Everybodys tells whether a metric is one that every Go program has.
func Everybodys(name string) bool {
	return strings.HasPrefix(name, "process_") || strings.HasPrefix(name, "promhttp_") || strings.HasPrefix(name, "go_") && !strings.HasPrefix(name, "go_sql_")
}
