package scene

// Canvas is what a layout draws on.
type Canvas struct{}
