package main

import (
	"fmt"
	"strings"
	"time"
)

// write makes the table of all outcomes, and counts them.
func write(servers []server, all []example, rows [][]outcome) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Requests with two readings\n\nWritten by `make smuggle` on %s. A cell is the status and, where something\n"+
		"reached the service, whether that was clean. What is bold reached the service\nand should not have. All are plain proxies but the gateway: that they pass on what\n"+
		"claims an identity is their configuration, not a fault of theirs.\n\n", time.Now().UTC().Format(time.DateOnly))
	fmt.Fprintf(&b, "| | case |%s\n|---|---|%s\n", cells(servers, func(s server) string { return s.name }), strings.Repeat("---|", len(servers)))
	group := ""
	for i, c := range all {
		label := c.group
		if label == group {
			label = ""
		}
		group = c.group
		fmt.Fprintf(&b, "| %s | %s |%s\n", label, c.name, cells(rows[i], outcome.String))
	}
	total(&b, servers, all, rows, "messages", func(c example) bool { return c.group != claims })
	total(&b, servers, all, rows, claims, func(c example) bool { return c.group == claims })
	for _, name := range absent(servers) {
		fmt.Fprintf(&b, "\n%s was not at hand.\n", name)
	}
	return b.String()
}

// total is the row that counts what each server lost of the cases that count.
func total(b *strings.Builder, servers []server, all []example, rows [][]outcome, name string, counts func(example) bool) {
	of, lost := 0, make([]int, len(servers))
	for i, row := range rows {
		if !counts(all[i]) {
			continue
		}
		of++
		for n := range row {
			if len(row[n].amiss) > 0 {
				lost[n]++
			}
		}
	}
	fmt.Fprintf(b, "| **%s** | **of %d, something amiss reached the service in** |%s\n", name, of, cells(lost, func(n int) string { return fmt.Sprintf("**%d**", n) }))
}

func cells[T any](of []T, text func(T) string) string {
	var b strings.Builder
	for _, one := range of {
		b.WriteString(" " + text(one) + " |")
	}
	return b.String()
}
