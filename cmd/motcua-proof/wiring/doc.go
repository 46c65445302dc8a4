// Package wiring joins the real hub and the real link over networks that fail,
// and proves what both promise together. Its own code is the network: an
// in-memory one for tests with a fake clock, and Line, which makes any network
// bad. The rest are tests.
package wiring
