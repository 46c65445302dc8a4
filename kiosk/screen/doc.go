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
// scheduled or a finger moves, and one is scheduled only when something would
// look different. Measured at 1080p under Xvfb and llvmpipe, a still slide with
// clock and ticker takes 0.005 to 0.008 core; with a frame scheduled each
// second although nothing had changed it was 0.023. Slides that follow each
// other with cross-fades, 12 seconds each, take 0.026.
//
// What is drawn is presented once: ebiten would present each picture four times
// (see LayoutF), which was half of the time from a touch to its answer. Of a
// new picture only the rows are uploaded that its texture does not hold (see
// upload).
//
// Memory is what the two textures take, not the number of slides: pictures that
// wait are kept packed (see packed), drawn a band at a time (see bandRows), and
// textures are used in turn (see take), cut into tiles (see texture).
//
// # Motion
//
// One slide gives way to the next in a cross-fade, pushed out, or at once. The
// news line scrolls by parts of a pixel only where a frame was measured to cost
// less than softwareFrame of processor; elsewhere it turns page by page. A film
// is decoded by another process (package film) into a texture of its own over
// its poster, with as many pixels and frames as drawing them takes filmShare of a
// core at most: at 1080p on llvmpipe half the width and 8 to 12 frames a second.
// While a finger is down no frame of it is taken. Reduced motion turns all of
// this off. What is drawn is shifted along a slow circle of two pixels so that
// header and strip do not burn in, and dimmed by night; screenshots are neither.
//
// # Goroutines
//
// Run must be called on the main goroutine and owns every texture. One painter
// goroutine, owned by Run, draws pictures. Set, Stop, Screenshot, Stats, Owed and
// Release may be called from anywhere.
package screen
