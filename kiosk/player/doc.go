// Package player decides what a kiosk shows and what a touch means. It is pure:
// Next takes a state, a moment and an event and returns the next state and the
// effects to carry out; nothing here reads a clock, a file or a socket. So the
// studio's preview, the browser build and the terminal behave alike, and a
// property test can walk through years in a second.
//
// Which slide shows is slides.Program's answer for the corrected clock, with
// one rule added: a slide that could not be drawn is skipped until other
// content comes, and the next one shows in its place.
//
// Two clocks are used. Idle times, debouncing and the length of an answer run
// on the monotonic one, so that a jump of the wall clock neither throws a
// citizen out nor keeps a form open. The schedule and the hour of a rating run
// on the corrected wall clock (Clock), which never runs backwards.
//
// A touch opens a page over the slides (page): the home screen with its tiles,
// then the rating, the look-up of procedures, the guides. All of them work from
// what Content holds; none asks the network. Pages know nothing of the screen's
// size: what fits is known where they are drawn, so that a control that turns a
// leaf carries in its name where it leads (leaf.go).
//
// A view is described by a Show: what stands still (a scene, named by a key)
// and the few parts that change (clock, ticker, progress, countdown).
package player
