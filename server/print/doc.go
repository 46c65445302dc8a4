// Package print makes PDF files of display lists: posters of slides and the
// sheets that an office pins on its notice board.
//
// A page is a scene of any size of the paper's shape, so a poster is the very
// composition that a screen shows. Text stays text: each weight in use is
// embedded as a subset, every glyph stands where the layout put it, and it can
// be searched and copied. Boxes, icons and the modules of QR codes are vectors;
// pictures are kept at no more than 300 dots an inch.
package print
