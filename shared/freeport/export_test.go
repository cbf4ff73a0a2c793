package freeport

// TakeFrom reserves one of count ports, with locks in a folder of the test's own.
func TakeFrom(folder string, first, count, outgoing int) (*Reservation, error) {
	return pool{folder, first, 1, count}.take(outgoing)
}
