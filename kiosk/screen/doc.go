// Package screen is the kiosk's window and the only room that imports ebiten:
// it shows what the player says and tells it what was touched.
//
// Pictures are not drawn with the GPU. Each still picture is laid out by
// slides/scene and drawn by slides/raster, off the game goroutine, into an
// image that is uploaded once as one texture. So there is one drawing code for
// kiosk, thumbnails, print and preview, and what an editor saw is, pixel for
// pixel, what citizens see; a still slide costs nothing but its texture; and a
// picture that takes long to draw never makes the loop stutter. What changes on
// a picture (clock, ticker, progress, countdown) is drawn as a small patch and
// written into the texture.
//
// # Frames
//
// The window runs in FPSModeVsyncOffMinimum: a frame is made only when one is
// scheduled or a finger moves. Measured at 1080p under Xvfb and llvmpipe with a
// still slide, one progress step each second: see BenchmarkIdle's note in
// frames.go. Cross-fades schedule their own frames.
//
// # Goroutines
//
// Run must be called on the main goroutine and owns every texture. One painter
// goroutine, owned by Run, draws pictures. Set, Stop, Screenshot and Stats may
// be called from anywhere.
package screen
