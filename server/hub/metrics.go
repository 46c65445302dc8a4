package hub

import "github.com/prometheus/client_golang/prometheus"

// Metrics are the hub's figures.
type Metrics struct {
	connected prometheus.Gauge
	pushes    prometheus.Counter
	frames    *prometheus.CounterVec
	ratings   *prometheus.CounterVec
	letters   *prometheus.CounterVec
	closed    *prometheus.CounterVec
}

// NewMetrics registers the hub's figures with r (nil: nowhere).
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		connected: prometheus.NewGauge(prometheus.GaugeOpts{Name: "motcua_kiosks_connected", Help: "Live kiosk connections of this process."}),
		pushes:    prometheus.NewCounter(prometheus.CounterOpts{Name: "motcua_manifests_pushed_total", Help: "Manifests put in a connection's slot."}),
		frames:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "motcua_frames_received_total", Help: "Frames from kiosks by type."}, []string{"type"}),
		ratings:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "motcua_ratings_total", Help: "Ratings by outcome: new, again (sent twice), suspect (of new), fork."}, []string{"outcome"}),
		letters:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "motcua_letters_total", Help: "Letters by outcome: new, again (sent twice), fork."}, []string{"outcome"}),
		closed:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "motcua_connections_closed_total", Help: "Connections that the server closed or lost, by the close code's name, or silent, unwritable."}, []string{"reason"}),
	}
	if r != nil {
		r.MustRegister(m.connected, m.pushes, m.frames, m.ratings, m.letters, m.closed)
	}
	return m
}
