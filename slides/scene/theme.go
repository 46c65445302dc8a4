package scene

import (
	"encoding/json"
	"fmt"
	"image/color"
	"strconv"
)

// Colour is "#RRGGBB" in JSON.
type Colour color.NRGBA

// NRGBA is the colour as image/color has it.
func (c Colour) NRGBA() color.NRGBA { return color.NRGBA(c) }

// Alpha is the colour with opacity a in [0,1].
func (c Colour) Alpha(a float32) color.NRGBA {
	n := color.NRGBA(c)
	n.A = uint8(a*255 + 0.5)
	return n
}

// MarshalJSON writes "#RRGGBB".
func (c Colour) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, "\"#%02X%02X%02X\"", c.R, c.G, c.B), nil
}

// UnmarshalJSON reads "#RRGGBB".
func (c *Colour) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	if len(s) != 7 || s[0] != '#' {
		return fmt.Errorf("scene: colour %q is not #RRGGBB", s)
	}
	v, err := strconv.ParseUint(s[1:], 16, 32)
	if err != nil {
		return fmt.Errorf("scene: colour %q is not #RRGGBB", s)
	}
	*c = Colour{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 255}
	return nil
}

func hex(v uint32) Colour { return Colour{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 255} }

// Theme is the colours of a unit, data in the manifest: the official brand's
// files differ by place and are not ours.
type Theme struct {
	Son        Colour    `json:"son"`
	SonDark    Colour    `json:"son_dark"`
	SonDeep    Colour    `json:"son_deep"`
	Gold       Colour    `json:"gold"`
	GoldText   Colour    `json:"gold_text"`
	OnGold     Colour    `json:"on_gold"`
	Paper      Colour    `json:"paper"`
	Line       Colour    `json:"line"`
	Ink        Colour    `json:"ink"`
	Grey       Colour    `json:"grey"`
	Indigo     Colour    `json:"indigo"`
	IndigoDark Colour    `json:"indigo_dark"`
	Sky        Colour    `json:"sky"`
	Leaf       Colour    `json:"leaf"`
	Faces      [5]Colour `json:"faces"` // worst to best
}

// DefaultTheme is lacquer red, turmeric gold, indigo on paper: the colours of
// Lạng Sơn's brocade.
func DefaultTheme() Theme {
	return Theme{
		Son: hex(0x9F1B1E), SonDark: hex(0x7C1215), SonDeep: hex(0x5E0D10),
		Gold: hex(0xF2B632), GoldText: hex(0xF7C65A), OnGold: hex(0x3A2500),
		Paper: hex(0xFFFAF2), Line: hex(0xE8DFD2), Ink: hex(0x1D1B1A), Grey: hex(0x5C5652),
		Indigo: hex(0x0F4C81), IndigoDark: hex(0x0A3559), Sky: hex(0xF4F8FC), Leaf: hex(0x0B6B5B),
		Faces: [5]Colour{hex(0xB3261E), hex(0xC8641B), hex(0x8A7A1F), hex(0x3E7D3A), hex(0x0B6B5B)},
	}
}

// Contrast is t for weak eyes: black on white, and colours that stand out from
// both by 7:1 at least.
func (t Theme) Contrast() Theme {
	return Theme{
		Son: hex(0x7A0000), SonDark: hex(0x600000), SonDeep: hex(0x4A0000),
		Gold: hex(0xFFD400), GoldText: hex(0xFFD400), OnGold: hex(0x000000),
		Paper: hex(0xFFFFFF), Line: hex(0x767676), Ink: hex(0x000000), Grey: hex(0x000000),
		Indigo: hex(0x002B6B), IndigoDark: hex(0x001A42), Sky: hex(0xFFFFFF), Leaf: hex(0x004B3C),
		Faces: [5]Colour{hex(0x8A0000), hex(0x6E3300), hex(0x514500), hex(0x1B4F17), hex(0x004B3C)},
	}
}
