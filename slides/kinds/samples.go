package kinds

import "motcua/slides"

// sample makes a slide of a kind's sample around body.
func sample(kind string, topic slides.Topic, title slides.Text, body Body) slides.Slide {
	return slides.Slide{ID: "sample-" + kind, Kind: kind, Topic: topic, Audience: slides.Public, Title: title, Body: MustJSON(body)}
}

// The national portal of public services, the one address that every sample
// code leads to: deeper addresses there change.
const portal = "https://dichvucong.gov.vn"

// samplePicture is a well-formed name of a picture that nobody has: the sample
// shows how a slide looks before its picture is chosen.
const samplePicture = "0000000000000000000000000000000000000000000000000000000000000000"
