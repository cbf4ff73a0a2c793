// Package process runs the all-in-one program as its users do: as a process of
// its own, with an environment, a data folder and signals.
package process
