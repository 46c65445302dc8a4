// Package child keeps the programs that the kiosk starts (decoders of films,
// players of recordings) from outliving or hindering it.
package child
