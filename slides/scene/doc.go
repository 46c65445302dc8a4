// Package scene decides where everything on a screen goes. Compose turns a
// frame (unit, office, theme, language), a size and a drawing function into a
// Scene: an immutable display list of boxes, shaped lines of text, paths,
// pictures and QR modules, in pixels of that size. Whoever draws it (the
// kiosk's window, raster, the studio's preview) only draws; none measures or
// moves anything, so what an editor sees is what citizens see.
//
// A Canvas is what a layout draws on. Sizes are design pixels of a screen 1080
// high (portrait: 1080 wide); Px turns them into pixels. Texts are broken at
// meaning (see findBreaks), set as large as their box allows and never below
// Floor; what does not fit is cut with an ellipsis and reported as an Overflow.
//
// What changes while a slide stands (clock, date, news line, progress,
// countdown) is a Slot; the methods ClockOps, DateOps, TickerOps, ProgressOps
// and CountdownOps give its ops at a moment. To redraw one: the scene's Ops
// within the slot's Rect, then the slot's own.
package scene
