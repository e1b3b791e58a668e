package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/vardar-network/vardar/node/desk"
)

// measure is one metric, its name and help by the conventions of Prometheus, and where its
// value stands in what it is of.
type measure[T any] struct {
	name, help string
	kind       prometheus.ValueType
	value      func(*T) float64
}

// desc describes it, with the labels that tell what it is of.
func (m *measure[T]) desc(labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(m.name, m.help, labels, nil)
}

// The kinds of values.
const (
	gauge   = prometheus.GaugeValue
	counter = prometheus.CounterValue
)

// measures are of the node.
func measures() []measure[desk.Status] {
	return []measure[desk.Status]{
		{"vardar_writes", "1 if the node takes what its people and peers send, 0 if it has stopped writing.", gauge, func(s *desk.Status) float64 { return one(s.Writes) }},
		{"vardar_foreign_writes_paused", "1 if the bodies of others are not taken, since the disk is nearly full.", gauge, func(s *desk.Status) float64 { return one(s.Health.Store.ForeignPaused) }},
		{"vardar_start_time_seconds", "When the node was started, in seconds since 1970.", gauge, func(s *desk.Status) float64 { return seconds(int64(s.Health.Started)) }},
		{"vardar_store_records", "Records that are held.", gauge, func(s *desk.Status) float64 { return float64(s.Health.Store.Records) }},
		{"vardar_store_bytes", "Size of the archive's file.", gauge, func(s *desk.Status) float64 { return float64(s.Health.Store.Bytes) }},
		{"vardar_store_read_time_seconds", "When every record was last read and hashed, in seconds since 1970: as the node started, then each day; 0 if never.", gauge, func(s *desk.Status) float64 {
			return seconds(int64(max(s.Health.Store.Read, s.Health.Store.ReadAgain)))
		}},
		{"vardar_store_damaged_records", "Records that were damaged when all were last read again.", gauge, func(s *desk.Status) float64 { return float64(s.Health.Store.Damaged) }},
		{"vardar_disk_free_bytes", "Room that is left where the archive lies.", gauge, func(s *desk.Status) float64 { return float64(s.Health.Store.FreeBytes) }},
		{"vardar_disk_total_bytes", "Size of the disk on which the archive lies; 0 if it is not known.", gauge, func(s *desk.Status) float64 { return float64(s.Health.Store.TotalBytes) }},
		{"vardar_backup_time_seconds", "When the last backup was made, in seconds since 1970; 0 if there was none.", gauge, func(s *desk.Status) float64 { return seconds(int64(s.Health.Backup.Made)) }},
		{"vardar_backup_check_time_seconds", "When a backup was last really opened and checked, in seconds since 1970; 0 if never.", gauge, func(s *desk.Status) float64 {
			if s.Health.Backup.Checked == nil {
				return 0
			}
			return seconds(int64(s.Health.Backup.Checked.Time))
		}},
		{"vardar_forked_feeds", "Feeds of which two stories are held.", gauge, func(s *desk.Status) float64 { return float64(len(s.Forks)) }},
		{"vardar_gaps", "Stretches of feeds that a beacon names and this node lacks.", gauge, func(s *desk.Status) float64 { return float64(len(s.Gaps)) }},
		{"vardar_records_accepted_total", "Records that were taken in since the start.", counter, func(s *desk.Status) float64 { return float64(s.Counts.Accepted) }},
		{"vardar_records_published_total", "Records that were written here since the start.", counter, func(s *desk.Status) float64 { return float64(s.Counts.Published) }},
		{"vardar_records_parked_total", "Records that were laid aside until what lies before them comes, since the start.", counter, func(s *desk.Status) float64 { return float64(s.Counts.Parked) }},
		{"vardar_records_dropped_total", "Records that broke a rule of the wire, over all starts: see 'vardar list dropped'.", counter, func(s *desk.Status) float64 { return float64(s.Counts.Dropped) }},
		{"vardar_wakings_total", "Times that somebody was woken by a rule since the start.", counter, func(s *desk.Status) float64 { return float64(s.Duty.Wakings) }},
		{"vardar_wakings_seen_total", "Wakings of which a person said since the start that they were seen.", counter, func(s *desk.Status) float64 { return float64(s.Duty.Seen) }},
		{"vardar_waking_messages_sent_total", "Messages that a server, receiver or program took since the start.", counter, func(s *desk.Status) float64 { return float64(s.Duty.Sent) }},
		{"vardar_waking_messages_failed_total", "Tries to send a message that failed since the start.", counter, func(s *desk.Status) float64 { return float64(s.Duty.Failed) }},
		{"vardar_waking_events_expired_total", "Events that were over before anybody was woken of them, and went to the log alone, since the start.", counter, func(s *desk.Status) float64 { return float64(s.Duty.Expired) }},
		{"vardar_webhook_events_total", "Records that the receivers of webhooks took since the start.", counter, func(s *desk.Status) float64 { return float64(s.Duty.Webhooks) }},
		{"vardar_records_unwanted_total", "Records of feeds that this node does not follow, since the start.", counter, func(s *desk.Status) float64 { return float64(s.Counts.Unwanted) }},
	}
}

// lineMeasures are of one line each; their one label is the peer.
func lineMeasures() []measure[desk.LinkState] {
	return []measure[desk.LinkState]{
		{"vardar_line_up", "1 if there is a line to the peer.", gauge, func(l *desk.LinkState) float64 { return one(l.Up) }},
		{"vardar_line_changed_time_seconds", "When the line last went up or down, in seconds since 1970.", gauge, func(l *desk.LinkState) float64 { return seconds(l.Since.UnixMilli()) }},
		{"vardar_line_waiting_records", "Records that the peer has not acknowledged.", gauge, func(l *desk.LinkState) float64 { return float64(l.Waiting) }},
		{"vardar_line_clock_ahead_seconds", "How far the peer's clock is ahead of this node's.", gauge, func(l *desk.LinkState) float64 { return seconds(l.SkewMS) }},
	}
}

func one(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// seconds is the unit of time of every metric.
func seconds(ms int64) float64 { return float64(ms) / 1000 }

// collector reads the status once for each time it is asked.
type collector struct {
	desk           *desk.Desk
	info, findings *prometheus.Desc
}

func newCollector(d *desk.Desk) *collector {
	return &collector{
		desk:     d,
		info:     prometheus.NewDesc("vardar_build_info", "1, with what runs here as labels.", []string{"software", "institution", "network"}, nil),
		findings: prometheus.NewDesc("vardar_findings", "What 'vardar status' finds to mend, by kind; grave: the node does not do its work.", []string{"what", "grave"}, nil),
	}
}

// Describe tells what is measured, for [prometheus.Collector].
func (c *collector) Describe(out chan<- *prometheus.Desc) {
	out <- c.info
	out <- c.findings
	for _, m := range measures() {
		out <- m.desc()
	}
	for _, m := range lineMeasures() {
		out <- m.desc("peer")
	}
}

// Collect measures, for [prometheus.Collector].
func (c *collector) Collect(out chan<- prometheus.Metric) {
	s, err := c.desk.Status(context.Background())
	if err != nil {
		out <- prometheus.NewInvalidMetric(c.info, err)
		return
	}
	first := ""
	if len(s.Institutions) > 0 {
		first = string(s.Institutions[0])
	}
	out <- prometheus.MustNewConstMetric(c.info, prometheus.GaugeValue, 1, s.Health.Software, first, s.Network)
	for _, m := range measures() {
		out <- prometheus.MustNewConstMetric(m.desc(), m.kind, m.value(&s))
	}
	for _, m := range lineMeasures() {
		for k := range s.Lines {
			out <- prometheus.MustNewConstMetric(m.desc("peer"), m.kind, m.value(&s.Lines[k]), string(s.Lines[k].Peer))
		}
	}
	found := map[[2]string]float64{}
	for _, f := range s.Verdict.Findings {
		grave := "false"
		if f.Grave {
			grave = "true"
		}
		found[[2]string{f.What, grave}]++
	}
	for labels, n := range found {
		out <- prometheus.MustNewConstMetric(c.findings, prometheus.GaugeValue, n, labels[0], labels[1])
	}
}

// metrics serves what is measured, and what Go and the system know of the process.
func metrics(d *desk.Desk) http.Handler {
	r := prometheus.NewRegistry()
	r.MustRegister(newCollector(d), collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{EnableOpenMetrics: true})
}

// contentText is the media type of plain words.
const contentText = "text/plain; charset=utf-8"

// live says that the process answers: whoever supervises it need not start it again.
func live(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok") }

// ready says whether the node does its work; if it does not, what is the matter, and the mend.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	status, err := s.desk.Status(r.Context())
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	var grave []string
	for _, f := range status.Verdict.Findings {
		if f.Grave {
			grave = append(grave, f.Said+" (mend: "+f.Mend+")")
		}
	}
	if len(grave) > 0 || !status.Writes {
		plain(w, http.StatusServiceUnavailable, strings.Join(append(grave, "see 'vardar status'"), "\n"))
		return
	}
	plain(w, http.StatusOK, "ok")
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", contentText)
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n"))
}
