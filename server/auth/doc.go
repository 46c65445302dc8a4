// Package auth says who a person is and what they may do: passwords, sessions,
// the brake on guessing, the first start's link, and the one table of rights.
// It knows neither HTTP pages nor SQL.
package auth
