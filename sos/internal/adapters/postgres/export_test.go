package postgres

// ClaimAlerts is the statement of Claim.
const ClaimAlerts = claimAlerts
