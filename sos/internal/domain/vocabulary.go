package domain

// Status is where a ticket stands.
type Status string

// The statuses; which command leads from one to another stands in the table of transitions.
const (
	Countdown       Status = "countdown"        // nobody is told yet: the reporter may still take it back
	Pending         Status = "pending"          // the alarm is out
	InProgress      Status = "in_progress"      // somebody is on the way
	EmergencyCalled Status = "emergency_called" // the authorities know
	Resolved        Status = "resolved"
	Cancelled       Status = "cancelled"
)

// Statuses are all of them.
func Statuses() []Status {
	return []Status{Countdown, Pending, InProgress, EmergencyCalled, Resolved, Cancelled}
}

// Known tells whether s is a status.
func (s Status) Known() bool {
	switch s {
	case Countdown, Pending, InProgress, EmergencyCalled, Resolved, Cancelled:
		return true
	}
	return false
}

// Closed: the emergency is over, or never was one.
func (s Status) Closed() bool { return s == Resolved || s == Cancelled }

// Priority says how loud a ticket is.
type Priority string

// The priorities, the lowest first.
const (
	Low      Priority = "low"
	Medium   Priority = "medium"
	High     Priority = "high"
	Critical Priority = "critical"
)

func (p Priority) rank() int {
	switch p {
	case Low:
		return 1
	case Medium:
		return 2
	case High:
		return 3
	case Critical:
		return 4
	}
	return 0
}

// Known tells whether p is a priority.
func (p Priority) Known() bool { return p.rank() > 0 }

// Above tells whether p is louder than q.
func (p Priority) Above(q Priority) bool { return p.rank() > q.rank() }

// Next is one step louder.
func (p Priority) Next() Priority {
	switch p {
	case Low:
		return Medium
	case Medium:
		return High
	default:
		return Critical
	}
}

func louder(p, q Priority) Priority {
	if q.Above(p) {
		return q
	}
	return p
}

// EmergencyType is what is happening.
type EmergencyType string

// The types of emergency.
const (
	Medical      EmergencyType = "medical"
	Fire         EmergencyType = "fire"
	Violence     EmergencyType = "violence"
	Accident     EmergencyType = "accident"
	Theft        EmergencyType = "theft"
	Harassment   EmergencyType = "harassment"
	MentalHealth EmergencyType = "mental_health"
	OtherType    EmergencyType = "other"
)

// Known tells whether t is a type of emergency.
func (t EmergencyType) Known() bool {
	return t == OtherType || t.Priority() != Low
}

// Priority is what a ticket of this type starts with.
func (t EmergencyType) Priority() Priority {
	switch t {
	case Medical, Fire, Violence, Accident:
		return High
	case Theft, Harassment, MentalHealth:
		return Medium
	default:
		return Low
	}
}

// Outcome is how a ticket ended.
type Outcome string

// The outcomes; "" while a ticket is open.
const (
	Safe         Outcome = "safe"
	Helped       Outcome = "helped"
	FalseAlarm   Outcome = "false_alarm"
	OtherOutcome Outcome = "other"
)

// Known tells whether o is an outcome.
func (o Outcome) Known() bool {
	switch o {
	case Safe, Helped, FalseAlarm, OtherOutcome:
		return true
	}
	return false
}
