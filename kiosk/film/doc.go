// Package film plays silent films for the screen: a decoder (Debian's ffmpeg) in
// a process of its own writes raw frames on a pipe, scaled to what is wanted.
// So a damaged or hostile file, a decoder that hangs and one that dies all end
// in the same harmless way: no more frames, the poster stands.
//
// The decoder gets a path and nothing else of the kiosk's: no input, no open
// files, no environment, no network (only the protocol file), the container
// named by the file's own first bytes. It runs niced and dies with the kiosk.
// Each frame has a deadline; a decoder that misses it is killed.
//
// A Reel reads at the film's own pace and keeps only the newest frame: a screen
// that is busy with a finger misses frames and never waits for one. Where the
// machine is too slow, for decoding or (as the screen says) for drawing, the reel
// goes on at a lower Grade.
package film
