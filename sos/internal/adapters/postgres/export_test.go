package postgres

// The statements of Claim and Settle.
const (
	ClaimAlerts  = claimAlerts
	SettleAlerts = settleAlerts
)
