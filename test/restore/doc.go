// Package restore loses a database and brings it back with the scripts that the
// deployments use: a backup that was never restored is none.
package restore
