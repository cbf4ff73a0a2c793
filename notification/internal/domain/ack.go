package domain

// Ack is a device of User having shown one notification.
type Ack struct {
	User UserID
	ID   NotificationID
}
