package domain

// Warning tells the caller what of a trigger could not be used as sent. A
// trigger is never refused for its content, so this is all that it costs.
type Warning struct {
	Field   string
	Code    string
	Message string
}

// The codes of warnings.
const (
	WarnInvalidType  = "invalid_type"
	WarnUnparsable   = "unparsable"
	WarnUnknownField = "unknown_field"
	WarnUnknownValue = "unknown_value"
	WarnOutOfRange   = "out_of_range"
	WarnTruncated    = "truncated"
	WarnCleaned      = "cleaned"
	WarnNormalized   = "normalized"
	WarnSuspicious   = "suspicious"
	WarnMissing      = "missing"
	WarnInvalidKey   = "invalid_key"
	WarnTokenExpired = "token_expired"
	WarnGuestSecret  = "guest_secret_issued"
	WarnIgnored      = "ignored_on_replay"
)
